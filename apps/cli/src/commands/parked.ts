import { BanyanError } from '@banyan/core';
import { entities } from '@banyan/migration';
import {
  type ClosedEvent,
  discardStanding,
  entityNamed,
  listClosed,
  listParked,
  type ParkedKey,
  planStanding,
  type Replayed,
  replayParked,
  type SeenInLegacy,
  settleStanding,
  whyNotDiscarded,
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
    .description(
      'what stood and never goes on: passed by a whole state (an import, `banyan restate`), or discarded; with bytes in --json',
    )
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
  parked
    .command('discard')
    .description(
      'give up what a key stands behind, for good: what waits behind it goes on, and the key is unlike until it is made anew',
    )
    .argument('<consumer>', 'v2-projector.order, legacy-porter.order.backend')
    .argument('<key>', 'the V2 id, as `banyan parked list` shows it')
    .requiredOption('--reason <words>', 'why; it is kept, and stands in `banyan parked list`')
    .option('--event <id>', 'only if this event stands; default: the one that does')
    .option('--not-arrived', 'of a send in doubt: you have looked, and legacy did not take it')
    .option('--dry-run', 'say what would be given up; change nothing')
    .option('--confirm <environment>', 'name of the environment, where it is not `local`')
    .option('--json', 'one JSON document')
    .action(discard);
  parked
    .command('settle')
    .description('end the doubt about a send by what you have seen in legacy')
    .argument('<consumer>', 'legacy-porter.order.backend')
    .argument('<key>', 'the V2 id, as `banyan parked list` shows it')
    .requiredOption('--reason <words>', 'how you know; it stands in the receipt')
    .option('--arrived-as <id>', 'it is there, under this legacy id')
    .option('--not-arrived', 'it is not there: send it')
    .option('--event <id>', 'only if this event stands; default: the one that does')
    .option('--dry-run', 'say what would follow; change nothing')
    .option('--confirm <environment>', 'name of the environment, where it is not `local`')
    .option('--json', 'one JSON document')
    .action(settle);
}

interface RepairOptions {
  readonly event?: string;
  readonly reason: string;
  readonly arrivedAs?: string;
  readonly notArrived?: boolean;
  readonly dryRun?: boolean;
  readonly confirm?: string;
  readonly json?: boolean;
}

function discard(consumer: string, key: string, options: RepairOptions): Promise<void> {
  return runCommand(options, async ({ connections, talk }) => {
    const notArrived = options.notArrived === true;
    const plan = await planStanding(connections.consumers, { consumer, key, eventId: options.event });
    const { standing } = plan;
    const why = whyNotDiscarded(plan, notArrived);
    if (why !== undefined) throw refused(`${key} is not discarded`, why);
    if (options.dryRun === true) {
      talk.data(
        { standing, discarded: false },
        () => `${asText(standing)}\n  it would be given up for good, and ${key} be unlike until it is made anew`,
      );
      return EXIT.ok;
    }
    requireConfirmed(connections.config.ENVIRONMENT, options.confirm);
    const done = await discardStanding(connections.repairer(options.reason), plan, notArrived);
    talk.data({ standing, discarded: true, ...done }, () =>
      [
        `${consumer}: event ${standing.eventId} of ${standing.entity} ${key} is given up, ${done.replayed} behind it went on, ${done.waiting} still stand`,
        ...(done.error === undefined ? [] : [`  ${done.error.code}: ${done.error.message}`]),
        `  ${key} is unlike until it is made anew: ${anew(standing)}`,
      ].join('\n'),
    );
    return done.waiting > 0 ? EXIT.failure : EXIT.ok;
  });
}

function settle(consumer: string, key: string, options: RepairOptions): Promise<void> {
  return runCommand(options, async ({ connections, talk }) => {
    const seen = seenInLegacy(options);
    const plan = await planStanding(connections.consumers, { consumer, key, eventId: options.event });
    const then =
      'arrivedAs' in seen
        ? `row ${seen.arrivedAs} of legacy is it, and is linked`
        : 'it is sent, as if for the first time';
    if (options.dryRun === true) {
      talk.data(
        { standing: plan.standing, settled: false },
        () => `${asText(plan.standing)}\n  it would be settled: ${then}`,
      );
      return EXIT.ok;
    }
    requireConfirmed(connections.config.ENVIRONMENT, options.confirm);
    await settleStanding(connections.repairer(options.reason), plan, seen);
    talk.data({ standing: plan.standing, settled: true }, () => `${consumer}: ${key} is settled: ${then}`);
    return EXIT.ok;
  });
}

function seenInLegacy({ arrivedAs, notArrived }: RepairOptions): SeenInLegacy {
  if (arrivedAs !== undefined && notArrived !== true) return { arrivedAs };
  if (arrivedAs === undefined && notArrived === true) return { notArrived: true };
  throw new BanyanError('CLI_USAGE', 'Say what is in legacy: either --arrived-as <its id> or --not-arrived.');
}

function refused(what: string, why: string): BanyanError {
  return new BanyanError('OPERATIONS_REFUSED', `${what}: ${why}.`, { data: { what, why } });
}

/** The command that makes a key whole again. */
function anew({ app, consumer, entity, key }: ParkedKey): string {
  return app === 'v2-projector' ? `banyan reproject ${entity} --key ${key}` : `banyan re-port ${consumer} --key ${key}`;
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
    ...(one.kind === 'unlike'
      ? []
      : [`  event ${one.eventId ?? '(no id)'} ${one.eventType ?? '(no type)'}; ${one.behind} wait behind it`]),
    ...waysOn(one),
  ].join('\n');
}

function closedText(one: ClosedEvent): string {
  const { kind, errorCode, errorMessage, closedAt, closedBy, why } = one;
  const how = kind === 'state' ? `closed ${closedAt} by event ${closedBy}` : `given up ${closedAt} by ${closedBy}`;
  const at = one.offset === null ? '' : ` at ${one.partition}:${one.offset}`;
  return [
    `${one.app} ${one.consumer}: ${one.entity} ${one.key} (${kind}), version ${one.version ?? '-'}, ${how}`,
    `  ${why}`,
    `  event ${one.eventId ?? '(no id)'} ${one.eventType ?? '(no type)'}${at}, ${errorCode === null ? 'waited behind another' : `${errorCode}: ${errorMessage}`}`,
  ].join('\n');
}

function waysOn(one: ParkedKey): string[] {
  const { app, consumer, kind, errorCode, entity, key } = one;
  if (kind === 'unlike') return [`  to make it whole: ${anew(one)}`];
  if (kind === 'invalid') return ['  it took no effect and blocks nothing; look at who appended it'];
  // What a silent porter was sending is not let go by a replay; its message says what to do.
  if (errorCode === 'PORTER_WRITER_SILENT') return [];
  const named = `${app}.${consumer} ${key} --reason …`;
  const ways = [`  when mended: banyan parked replay ${entity} ${key}`];
  // A whole state passes what its state stands behind; a row, or a send, that cannot be written is another matter.
  if (kind === 'state')
    ways.push(`  else, for a key of V2: banyan restate ${entity} ${key} --from <file> --reason <words>`);
  else if (kind === 'in-doubt')
    ways.push(`  when you know what is in legacy: banyan parked settle ${named} --arrived-as <its id> | --not-arrived`);
  else ways.push(`  when it never can be: banyan parked discard ${named}`);
  return ways;
}
