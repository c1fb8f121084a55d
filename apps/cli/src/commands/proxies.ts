import { forgetParty, listParties } from '@banyan/operations';
import type { Command } from 'commander';
import { EXIT } from '../exit-codes.js';
import { requireConfirmed, runCommand } from '../run-command.js';
import { table } from '../talk.js';

export function addProxies(program: Command): void {
  const proxies = program.command('proxies').description('processes that a move has to ask');
  proxies
    .command('list')
    .description('who is registered, and since when')
    .option('--json', 'one JSON document')
    .action((options: { json?: boolean }) =>
      runCommand(options, async ({ connections, talk }) => {
        const all = listParties({ control: await connections.control() });
        const rows = all.map(({ name, app, url, joinedAt }) => [name, app, url ?? '-', joinedAt]);
        talk.data(all, () => table(['name', 'app', 'admin address', 'since'], rows));
        return EXIT.ok;
      }),
    );
  proxies
    .command('forget')
    .description('say that a process is dead and does not come back; moves no longer wait for it')
    .argument('<name>')
    .option('--reason <words>', 'why; it stands in the history')
    .option('--confirm <environment>', 'name of the environment, where it is not `local`')
    .option('--json', 'one JSON document')
    .action((name: string, options: { json?: boolean; reason?: string; confirm?: string }) =>
      runCommand(options, async ({ connections, talk }) => {
        requireConfirmed(connections.config.ENVIRONMENT, options.confirm);
        await forgetParty(await connections.controlSides(options), name);
        talk.data({ forgotten: name }, () => `${name} is forgotten; it may come back by joining again`);
        return EXIT.ok;
      }),
    );
}
