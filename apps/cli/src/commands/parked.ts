import { BanyanError } from '@banyan/core';
import { entities } from '@banyan/migration';
import {
  anew,
  type ClosedEvent,
  discardStanding,
  entityNamed,
  listClosed,
  listParked,
  type Parked,
  type ParkedKey,
  planStanding,
  type Replayed,
  replayParked,
  type SeenInLegacy,
  settleStanding,
  type WayOn,
  waysOn,
  whyNotDiscarded,
} from '@banyan/operations';
import type { Command } from 'commander';
import { EXIT } from '../exit-codes.js';
import { requireConfirmed, runCommand } from '../run-command.js';
import type { Talk } from '../talk.js';

export function addParked(program: Command): void {
  const parked = program.command('parked').description('keys that stand still, and how they go on');
  parked
    .command('list')
    .description('what is parked, why, since when, and what waits behind it')
    .option('--json', 'one JSON document')
    .action((options: { json?: boolean }) =>
      runCommand(options, async ({ connections, talk }) =>
        tell(await listParked(connections.consumers), 'nothing is parked', connections.config.ENVIRONMENT, talk),
      ),
    );
  parked
    .command('show')
    .description('one key: what of it is parked where, why, since when, and how it goes on')
    .argument('<entity>')
    .argument('<key>', 'the V2 id, as `banyan parked list` shows it')
    .option('--json', 'one JSON document')
    .action((entity: string, key: string, options: { json?: boolean }) =>
      runCommand(options, async ({ connections, talk }) => {
        const of = { entity: entityNamed(entities, entity).name, key };
        const nothing = `nothing is parked of ${of.entity} ${key}`;
        return tell(await listParked(connections.consumers, of), nothing, connections.config.ENVIRONMENT, talk);
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

function stillStands({ waiting, error }: Replayed): boolean {
  return waiting > 0 || error !== undefined;
}

function replayText({ app, replayed, waiting, error }: Replayed): string {
  const left = waiting > 0 ? `, ${waiting} still parked` : '';
  return `${app}: ${replayed} replayed${left}${error === undefined ? '' : `\n  ${error.code}: ${error.message}`}`;
}

function tell({ keys, away }: Parked, nothing: string, environment: string, talk: Talk): number {
  const told = keys.map((one) => ({ ...one, waysOn: waysOn(one, environment) }));
  const none = away.length === 0 ? nothing : `${nothing} where somebody answers`;
  talk.data(told, () =>
    told.length === 0 ? none : told.map((one) => [asText(one), ...howOn(one)].join('\n')).join('\n\n'),
  );
  for (const why of away) talk.say(why);
  return away.length === 0 ? EXIT.ok : EXIT.failure;
}

interface Told extends ParkedKey {
  readonly waysOn: readonly WayOn[];
}

function asText(one: ParkedKey): string {
  const { app, consumer, entity, key, kind, since, errorCode, errorMessage, eventId, eventType, behind } = one;
  return [
    `${app} ${consumer}: ${entity} ${key ?? '(no key)'} (${kind}) since ${since}`,
    `  ${errorCode === null ? '' : `${errorCode}: `}${errorMessage}`,
    ...(kind === 'unlike'
      ? []
      : [`  event ${eventId ?? '(no id)'} ${eventType ?? '(no type)'}${placeOf(one)}; ${behind} wait behind it`]),
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

/** Its version, or where its record lies in the entity's topic. */
function placeOf({ version, partition, offset }: ParkedKey): string {
  if (version != null) return `, version ${version}`;
  return offset === undefined ? '' : `, at ${partition}/${offset}`;
}

function howOn({ kind, waysOn: ways }: Told): string[] {
  if (kind === 'invalid') return ['  it took no effect and blocks nothing; look at who appended it'];
  const lines = ways.map(({ when, command }) => `  ${when}: ${command}`);
  return kind === 'waiting' ? ['  it goes on by itself', ...lines] : lines;
}
