import { endRebuild, listRebuilds, planRebuild, type RebuildListed, startRebuild } from '@banyan/operations';
import type { Command } from 'commander';
import { EXIT } from '../exit-codes.js';
import { requireConfirmed, runCommand } from '../run-command.js';
import { table } from '../talk.js';

export function addRebuild(program: Command): void {
  const rebuild = program
    .command('rebuild')
    .description('make V2 anew from the whole log, in a database beside the running one');
  rebuild
    .command('list')
    .description('where V2 is or was made anew, who asked for it, when and why')
    .option('--json', 'one JSON document')
    .action((options: { json?: boolean }) =>
      runCommand(options, async ({ connections, talk }) => {
        const all = listRebuilds({ control: await connections.control() });
        talk.data(all, () => asText(all));
        return EXIT.ok;
      }),
    );
  rebuild
    .command('start')
    .description('let the projectors build it, beside the live traffic; `banyan status` shows how far they are')
    .argument('<database>', 'v2_next: provisioned already, on the server of the running V2')
    .option('--reason <words>', 'why; it stands in the history and in `banyan status`')
    .option('--dry-run', 'say whether it may be; change nothing')
    .option('--confirm <environment>', 'name of the environment, where it is not `local`')
    .option('--json', 'one JSON document')
    .action(start);
  rebuild
    .command('end')
    .description('let the projectors leave it: it has taken over, or nobody wants it; the database stays')
    .argument('<database>', 'v2_next')
    .option('--reason <words>', 'why; it stands in the history')
    .option('--dry-run', 'say whether it may be; change nothing')
    .option('--confirm <environment>', 'name of the environment, where it is not `local`')
    .option('--json', 'one JSON document')
    .action(end);
}

interface ChangeOptions {
  readonly reason?: string;
  readonly dryRun?: boolean;
  readonly confirm?: string;
  readonly json?: boolean;
}

function start(database: string, options: ChangeOptions): Promise<void> {
  return runCommand(options, async ({ connections, talk }) => {
    const dryRun = options.dryRun === true;
    if (!dryRun) requireConfirmed(connections.config.ENVIRONMENT, options.confirm);
    const sides = await connections.rebuildSides(options);
    const plan = await (dryRun ? planRebuild : startRebuild)(sides, database);
    talk.data({ ...plan, started: !dryRun }, () => {
      const from = plan.keys === 0 ? 'from the beginning of the log' : `where it stands, with ${plan.keys} keys`;
      return dryRun
        ? `V2 would be made anew in ${database}, ${from}`
        : `V2 is made anew in ${database}, ${from}; banyan status shows how far it is`;
    });
    return EXIT.ok;
  });
}

function end(database: string, options: ChangeOptions): Promise<void> {
  return runCommand(options, async ({ connections, talk }) => {
    const dryRun = options.dryRun === true;
    if (!dryRun) requireConfirmed(connections.config.ENVIRONMENT, options.confirm);
    await endRebuild(await connections.controlSides(options), database, { dryRun });
    talk.data(
      { database, ended: !dryRun },
      () => `the projectors ${dryRun ? 'would leave' : 'leave'} ${database}; what is there stays`,
    );
    return EXIT.ok;
  });
}

function asText(all: readonly RebuildListed[]): string {
  const rows = all.map(({ database, by, at, reason, ended }) => [
    database,
    ended === null ? 'under way' : `ended by ${ended.by} at ${ended.at}`,
    by,
    at,
    reason ?? '-',
  ]);
  return table(['V2 in', 'is', 'by', 'since', 'why'], rows);
}
