import { readFileSync } from 'node:fs';
import { BanyanError } from '@banyan/core';
import { entities } from '@banyan/migration';
import { entityNamed, type Restated, restate } from '@banyan/operations';
import { type Command, Option } from 'commander';
import { EXIT } from '../exit-codes.js';
import { requireConfirmed, runCommand } from '../run-command.js';
import { table } from '../talk.js';

interface RestateOptions {
  readonly from?: string;
  readonly gone?: true;
  readonly reason: string;
  readonly dryRun?: boolean;
  readonly confirm?: string;
  readonly json?: boolean;
}

export function addRestate(program: Command): void {
  program
    .command('restate')
    .description('put a whole state in the place of what cannot be processed, for a key of V2 that stands still')
    .argument('<entity>')
    .argument('<key>', 'the V2 id, as `banyan parked list` shows it')
    .addOption(
      new Option('--from <file>', 'the whole state as JSON; `banyan trace --json` shows the last good one').conflicts(
        'gone',
      ),
    )
    .option('--gone', 'there is none any more')
    .requiredOption('--reason <words>', 'why; it stands in the event')
    .option('--dry-run', 'show the difference to the last good state, and change nothing')
    .option('--confirm <environment>', 'name of the environment, where it is not `local`')
    .option('--json', 'one JSON document')
    .action((name: string, key: string, options: RestateOptions) =>
      runCommand(options, async ({ connections, talk }) => {
        const dryRun = options.dryRun === true;
        const { ENVIRONMENT, NEW_API_URL, OPERATOR_TOKEN } = connections.config;
        if (!dryRun) requireConfirmed(ENVIRONMENT, options.confirm);
        const entity = entityNamed(entities, name).name;
        const state = stateOf(options);
        const { operator: by } = connections;
        const asked = { entity, key, state, by, reason: options.reason, dryRun };
        const restated = await restate(NEW_API_URL, asked, OPERATOR_TOKEN);
        talk.data(restated, () => asText(`${entity} ${key}`, restated));
        return EXIT.ok;
      }),
    );
}

/** null = there is none any more. Throws `CLI_STATE_UNREADABLE`. */
function stateOf({ from, gone }: RestateOptions): Readonly<Record<string, unknown>> | null {
  if (gone === true) return null;
  const unreadable = (why: string, cause?: unknown) =>
    new BanyanError('CLI_STATE_UNREADABLE', `${why}; name a file that holds one JSON object, or say --gone.`, {
      cause,
    });
  if (from === undefined) throw unreadable('No state was given');
  try {
    const state: unknown = JSON.parse(readFileSync(from, 'utf8'));
    if (typeof state === 'object' && state !== null && !Array.isArray(state)) return state as Record<string, unknown>;
  } catch (cause) {
    throw unreadable(`${from} cannot be read (${cause instanceof Error ? cause.message : String(cause)})`, cause);
  }
  throw unreadable(`${from} holds no JSON object`);
}

function asText(what: string, { expectedVersion, lastGoodVersion, differences, outcome, eventId }: Restated): string {
  const rows = differences.map(({ path, left, right }) => [path === '' ? '(all)' : path, text(left), text(right)]);
  const changed =
    rows.length === 0 ? 'nothing differs from the last good state' : table(['', 'last good', 'restated'], rows);
  return [changed, sentence(what, { expectedVersion, lastGoodVersion, outcome, eventId })].join('\n');
}

function sentence(what: string, restated: Omit<Restated, 'differences'>): string {
  const { expectedVersion, lastGoodVersion, outcome, eventId } = restated;
  const closed = expectedVersion - lastGoodVersion;
  const behind = `version ${expectedVersion + 1}; ${closed} event${closed === 1 ? '' : 's'} before it`;
  if (outcome === 'dry-run') return `${what} would be ${behind} would be closed; nothing was changed`;
  if (outcome === 'behind')
    return `${what}: event ${eventId} is in the log and the projector has not come to it yet; see \`banyan trace\``;
  return `${what} is ${behind} are closed (event ${eventId}); the porter takes it from the log`;
}

function text(value: unknown): string {
  return value === undefined ? '-' : JSON.stringify(value);
}
