import { entities } from '@banyan/migration';
import {
  entityNamed,
  listParked,
  type Parked,
  type ParkedKey,
  type Replayed,
  replayParked,
  waysOn,
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

function tell({ keys, away }: Parked, nothing: string, environment: string, talk: Talk): number {
  const told = keys.map((one) => ({ ...one, waysOn: waysOn(one, environment) }));
  const none = away.length === 0 ? nothing : `${nothing} where somebody answers`;
  talk.data(told, () => (told.length === 0 ? none : told.map(asText).join('\n\n')));
  for (const why of away) talk.say(why);
  return away.length === 0 ? EXIT.ok : EXIT.failure;
}

interface Told extends ParkedKey {
  readonly waysOn: readonly string[];
}

function asText(one: Told): string {
  const { app, consumer, entity, key, kind, since, errorCode, errorMessage, eventId, eventType, behind } = one;
  return [
    `${app} ${consumer}: ${entity} ${key ?? '(no key)'} (${kind}) since ${since}`,
    `  ${errorCode === null ? '' : `${errorCode}: `}${errorMessage}`,
    `  event ${eventId ?? '(no id)'} ${eventType ?? '(no type)'}${placeOf(one)}; ${behind} wait behind it`,
    ...howOn(one),
  ].join('\n');
}

/** Its version, or where its record lies in the entity's topic. */
function placeOf({ version, partition, offset }: ParkedKey): string {
  if (version != null) return `, version ${version}`;
  return offset === undefined ? '' : `, at ${partition}/${offset}`;
}

function howOn({ kind, waysOn: commands }: Told): string[] {
  if (kind === 'invalid') return ['  it took no effect and blocks nothing; look at who appended it'];
  if (kind === 'waiting')
    return ['  it goes on by itself; why not yet:', ...commands.map((command) => `    ${command}`)];
  return commands.map((command) => `  when mended: ${command}`);
}
