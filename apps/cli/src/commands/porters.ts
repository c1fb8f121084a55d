import { forgetPorter, listPorters } from '@banyan/operations';
import type { Command } from 'commander';
import { EXIT } from '../exit-codes.js';
import { requireConfirmed, runCommand } from '../run-command.js';
import { table } from '../talk.js';

export function addPorters(program: Command): void {
  const porters = program.command('porters').description('processes that send to legacy');
  porters
    .command('list')
    .description('who registered, who still shows itself, and whose sends are open')
    .option('--json', 'one JSON document')
    .action((options: { json?: boolean }) =>
      runCommand(options, async ({ connections, talk }) => {
        const all = await listPorters(connections.consumers);
        const rows = all.map(({ name, state, openSends, startedAt, seenAt }) => {
          return [name, state, String(openSends), startedAt, seenAt];
        });
        talk.data(all, () => table(['name', 'state', 'open sends', 'since', 'seen'], rows));
        return EXIT.ok;
      }),
    );
  porters
    .command('forget')
    .description('say that a process is dead and does not come back; the others go on with its sends')
    .argument('<name>')
    .option('--confirm <environment>', 'name of the environment, where it is not `local`')
    .option('--json', 'one JSON document')
    .action((name: string, options: { json?: boolean; confirm?: string }) =>
      runCommand(options, async ({ connections, talk }) => {
        const { ENVIRONMENT, OPERATOR_TOKEN } = connections.config;
        requireConfirmed(ENVIRONMENT, options.confirm);
        const done = await forgetPorter(connections.consumers, name, OPERATOR_TOKEN);
        talk.data(
          done,
          () =>
            `${name} is forgotten; legacy is asked what became of ${done.sends} sends; it may come back by starting again`,
        );
        return EXIT.ok;
      }),
    );
}
