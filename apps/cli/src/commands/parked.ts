import { entities } from '@banyan/migration';
import {
  type ClosedEvent,
  entityNamed,
  listClosed,
  listParked,
  type ParkedKey,
  type Replayed,
  replayParked,
} from '@banyan/operations';
import type { Command } from 'commander';
import { EXIT } from '../exit-codes.js';
import { requireConfirmed, runCommand } from '../run-command.js';

export function addParked(program: Command): void {
  const parked = program.command('parked').description('keys that stand still, and how they go on');
  parked
    .command('list')
    .description('what is parked, why, since when, and what waits behind it')
    .option('--json', 'one JSON document')
    .action((options: { json?: boolean }) =>
      runCommand(options, async ({ connections, talk }) => {
        const { keys, away } = await listParked(connections.consumers);
        const nothing = away.length === 0 ? 'nothing is parked' : 'nothing is parked where somebody answers';
        talk.data(keys, () => (keys.length === 0 ? nothing : keys.map(asText).join('\n\n')));
        for (const why of away) talk.say(why);
        return away.length === 0 ? EXIT.ok : EXIT.failure;
      }),
    );
  parked
    .command('closed')
    .description('events that a whole state has closed: an import, or `banyan restate`; with their bytes in --json')
    .argument('[key]', 'the V2 id; all when left out, the last 100 of each consumer')
    .option('--json', 'one JSON document')
    .action((key: string | undefined, options: { json?: boolean }) =>
      runCommand(options, async ({ connections, talk }) => {
        const { events, away } = await listClosed(connections.consumers, key);
        talk.data(events, () => (events.length === 0 ? 'nothing was closed' : events.map(closedText).join('\n\n')));
        for (const why of away) talk.say(why);
        return away.length === 0 ? EXIT.ok : EXIT.failure;
      }),
    );
  parked
    .command('replay')
    .description('let the events of a key go on, in order, in every consumer where it stands')
    .argument('<entity>')
    .argument('<key>', 'the V2 id, as `banyan parked list` shows it')
    .option('--confirm <environment>', 'name of the environment, where it is not `local`')
    .option('--json', 'one JSON document')
    .action((entity: string, key: string, options: { json?: boolean; confirm?: string }) =>
      runCommand(options, async ({ connections, talk }) => {
        requireConfirmed(connections.config.ENVIRONMENT, options.confirm);
        const parked = { entity: entityNamed(entities, entity).name, key };
        const { OPERATOR_TOKEN } = connections.config;
        const { answers, away } = await replayParked(connections.consumers, parked, OPERATOR_TOKEN);
        talk.data(answers, () => answers.map(replayText).join('\n'));
        for (const why of away) talk.say(why);
        return away.length > 0 || answers.some(stillStands) ? EXIT.failure : EXIT.ok;
      }),
    );
}

function stillStands({ waiting, error }: Replayed): boolean {
  return waiting > 0 || error !== undefined;
}

function replayText({ app, replayed, waiting, error }: Replayed): string {
  const left = waiting > 0 ? `, ${waiting} still parked` : '';
  return `${app}: ${replayed} replayed${left}${error === undefined ? '' : `\n  ${error.code}: ${error.message}`}`;
}

function asText(one: ParkedKey): string {
  return [
    `${one.app} ${one.consumer}: ${one.entity} ${one.key ?? '(no key)'} (${one.kind}) since ${one.since}`,
    `  ${one.errorCode}: ${one.errorMessage}`,
    `  event ${one.eventId ?? '(no id)'} ${one.eventType ?? '(no type)'}; ${one.behind} wait behind it`,
    ...waysOn(one),
  ].join('\n');
}

function closedText(one: ClosedEvent): string {
  const { errorCode, errorMessage, closedAt, closedBy, why } = one;
  return [
    `${one.app} ${one.consumer}: ${one.entity} ${one.key}, version ${one.version ?? '-'}, closed ${closedAt} by event ${closedBy}`,
    `  ${why}`,
    `  event ${one.eventId ?? '(no id)'} ${one.eventType ?? '(no type)'} at ${one.partition}:${one.offset}, ${errorCode === null ? 'waited behind another' : `${errorCode}: ${errorMessage}`}`,
  ].join('\n');
}

function waysOn({ kind, errorCode, entity, key }: ParkedKey): string[] {
  if (kind === 'invalid') return ['  it took no effect and blocks nothing; look at who appended it'];
  // What a silent porter was sending is not let go by a replay; its message says what to do.
  if (errorCode === 'PORTER_WRITER_SILENT') return [];
  const ways = [`  when mended: banyan parked replay ${entity} ${key}`];
  // A whole state passes what its state stands behind; a row, or a send, that cannot be written is another matter.
  if (kind === 'state')
    ways.push(`  else, for a key of V2: banyan restate ${entity} ${key} --from <file> --reason <words>`);
  return ways;
}
