import { type Readiness, readiness } from '@banyan/operations';
import type { Command } from 'commander';
import { EXIT } from '../exit-codes.js';
import { runCommand } from '../run-command.js';
import { table } from '../talk.js';

export function addReadiness(program: Command): void {
  program
    .command('readiness')
    .description('what is left before legacy can go, with evidence; exit code 3 while something is left')
    .option('--json', 'one JSON document')
    .action((options: { json?: boolean }) =>
      runCommand(options, async ({ connections, talk }) => {
        const found = await readiness(await connections.controlSides());
        talk.data(found, () => asText(found));
        return found.ready ? EXIT.ok : EXIT.differences;
      }),
    );
}

function asText({ ready, items }: Readiness): string {
  const left = items.filter(({ ok }) => !ok).length;
  const rows = items.map(({ entity, what, ok, evidence }) => [ok ? 'ok' : 'left', entity, what, evidence]);
  return `${table(['', 'entity', 'what', 'evidence'], rows)}\n${ready ? 'legacy can go' : `${left} things are left`}`;
}
