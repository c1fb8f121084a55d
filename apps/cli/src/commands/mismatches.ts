import { foundAtMs, listMismatches, type Mismatch, showMismatch } from '@banyan/operations';
import type { Command } from 'commander';
import { EXIT } from '../exit-codes.js';
import { wholeNumber } from '../numbers.js';
import { runCommand } from '../run-command.js';
import { table } from '../talk.js';

export function addMismatches(program: Command): void {
  const mismatches = program
    .command('mismatches')
    .description(
      'where V2 answered other than legacy, twice; where projector and porter have two states of one history',
    );
  mismatches
    .command('list')
    .description('differences, newest first; exit code 3 when there are any')
    .option('--limit <count>', 'at most so many', wholeNumber(1, 10_000), 100)
    .option('--json', 'one JSON document')
    .action((options: { json?: boolean; limit: number }) =>
      runCommand(options, async ({ connections, talk }) => {
        const { log, codec, config } = connections;
        const all = await listMismatches({ log, codec, topicPrefix: config.TOPIC_PREFIX }, options.limit);
        talk.data(all, () => listText(all));
        return all.length === 0 ? EXIT.ok : EXIT.differences;
      }),
    );
  mismatches
    .command('show')
    .description('one difference, whole')
    .argument('<id>', 'as `banyan mismatches list` shows it')
    .option('--json', 'one JSON document')
    .action((id: string, options: { json?: boolean }) =>
      runCommand(options, async ({ connections, talk }) => {
        const { log, codec, config } = connections;
        const one = await showMismatch({ log, codec, topicPrefix: config.TOPIC_PREFIX }, id);
        talk.data(one, () => oneText(one));
        return EXIT.ok;
      }),
    );
}

function listText(all: readonly Mismatch[]): string {
  if (all.length === 0) return 'no mismatch was found';
  const rows = all.map((one) => [one.id, new Date(foundAtMs(one)).toISOString(), ...inWords(one)]);
  return table(['id', 'found', 'of', 'what', 'differs in'], rows);
}

function inWords(one: Mismatch): [of: string, what: string, where: string] {
  if (one.kind === 'state') return [`${one.entity}.${one.port}`, `${one.key}, version ${one.version}`, 'state'];
  const paths = one.differences.map(({ path }) => path).slice(0, 3);
  return [`${one.entity}.${one.route}`, one.request, paths.join(', ')];
}

function oneText(one: Mismatch): string {
  if (one.kind === 'state') {
    return [
      `${one.entity} ${one.key}: two states at version ${one.version}, both made by version ${one.transformerVersion} of the definition`,
      `V2's hash is ${one.v2Hash ?? '(no state)'}, that of port ${one.port} ${one.portHash ?? '(no state)'}`,
      `seen ${new Date(one.foundAtMs).toISOString()} by ${one.instance}, by the receipt of event ${one.eventId}; see banyan trace ${one.entity} ${one.key}`,
    ].join('\n');
  }
  const rows = one.differences.map(({ path, legacy, new: fresh }) => [
    path,
    legacy ?? '(not there)',
    fresh ?? '(not there)',
  ]);
  return [
    `${one.entity}.${one.route}: ${one.request}, answered by ${one.answeredBy}, seen by ${one.instance}`,
    `legacy answered ${one.legacyStatus}, V2 ${one.newStatus}; legacy ids ${one.legacyIds.join(', ') || '(unknown)'}`,
    `seen ${new Date(one.firstSeenMs).toISOString()}, again ${new Date(one.confirmedAtMs).toISOString()}`,
    table(['where', 'legacy', 'V2'], rows),
    ...(one.truncated ? ['there are more'] : []),
  ].join('\n');
}
