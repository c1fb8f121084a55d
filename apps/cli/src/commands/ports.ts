import { MARKER_DDL } from '@banyan/legacy';
import { entities } from '@banyan/migration';
import { listPorts, switchPort } from '@banyan/operations';
import type { Command } from 'commander';
import { EXIT } from '../exit-codes.js';
import { requireConfirmed, runCommand } from '../run-command.js';
import { table } from '../talk.js';

export function addPorts(program: Command): void {
  const ports = program.command('ports').description('what is sent to legacy backends');
  ports
    .command('list')
    .description('ports and whether they are on')
    .option('--json', 'one JSON document')
    .action((options: { json?: boolean }) =>
      runCommand(options, async ({ connections, talk }) => {
        const all = listPorts({ control: await connections.control(), entities });
        const rows = all.map(({ port, mode, by, since }) => [port, mode, by ?? '-', since ?? '-']);
        talk.data(all, () => table(['port', 'mode', 'by', 'since'], rows));
        return EXIT.ok;
      }),
    );
  ports
    .command('marker')
    .description('the SQL that a legacy database runs once, before a transactional port may write to it')
    .action(() => {
      process.stdout.write(MARKER_DDL);
    });
  ports
    .command('on')
    .description('send again, beginning with what changed meanwhile, in order')
    .argument('<port>', 'order.backend')
    .option('--reason <words>', 'why; it stands in the history')
    .option('--confirm <environment>', 'name of the environment, where it is not `local`')
    .option('--json', 'one JSON document')
    .action((port: string, options: SwitchOptions) => change(port, 'on', options));
  ports
    .command('off')
    .description(
      'send nothing to this backend any more; of a primary port reads have to be off legacy, and nothing open',
    )
    .argument('<port>', 'order.backend')
    .option('--reason <words>', 'why; it stands in the history')
    .option('--confirm <environment>', 'name of the environment, where it is not `local`')
    .option('--json', 'one JSON document')
    .action((port: string, options: SwitchOptions) => change(port, 'off', options));
}

interface SwitchOptions {
  readonly reason?: string;
  readonly confirm?: string;
  readonly json?: boolean;
}

function change(port: string, mode: 'on' | 'off', options: SwitchOptions): Promise<void> {
  return runCommand(options, async ({ connections, talk }) => {
    requireConfirmed(connections.config.ENVIRONMENT, options.confirm);
    await switchPort(await connections.controlSides(options), port, mode);
    talk.data({ port, mode }, () => `${port} is ${mode}`);
    return EXIT.ok;
  });
}
