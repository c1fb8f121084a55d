import { entities } from '@banyan/migration';
import { entityNamed, type Trace, trace } from '@banyan/operations';
import type { Command } from 'commander';
import { EXIT } from '../exit-codes.js';
import { runCommand } from '../run-command.js';
import { table } from '../talk.js';

export function addTrace(program: Command): void {
  program
    .command('trace')
    .description('everything about one entity: its events and their outcomes, receipts, link, both rows')
    .argument('<entity>')
    .argument('<id>', 'V2 id or legacy id')
    .option('--json', 'one JSON document')
    .action((name: string, id: string, options: { json?: boolean }) =>
      runCommand(options, async ({ connections, talk }) => {
        const found = await trace(
          {
            ...connections.bothSides(),
            log: connections.log,
            codec: connections.codec,
            porterUrl: connections.porterUrl,
          },
          entityNamed(entities, name),
          id,
        );
        talk.data(found, () => asText(found));
        return found.events.length === 0 && found.legacy === null ? EXIT.failure : EXIT.ok;
      }),
    );
}

function asText(found: Trace): string {
  const events = found.events.map((event) => [
    `${event.partition}/${event.offset}`,
    event.at,
    event.type?.split('.').at(-1) ?? '?',
    event.origin ?? '?',
    `${event.expectedVersion ?? '?'} -> ${event.version}`,
    event.outcome,
    event.id ?? '?',
  ]);
  return [
    `${found.entity} ${found.key}, legacy id ${found.legacyId ?? '(none)'}`,
    '',
    table(['offset', 'at', 'event', 'origin', 'version', 'outcome', 'id'], events),
    '',
    ...found.receipts.map((receipt) => `receipt  ${JSON.stringify(receipt)}`),
    `V2       ${JSON.stringify(found.v2)}`,
    `legacy   ${JSON.stringify(found.legacy)}`,
  ].join('\n');
}
