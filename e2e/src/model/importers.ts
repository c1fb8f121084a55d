import { HEADER } from '@banyan/contracts';
import { importedId } from '@banyan/core';
import { type Answer, type Explored, explore, type Move, type Question } from '@banyan/core/testing';
import { importer } from './api-client.js';
import { consume, type Kept, NOTHING_STORED, readOf, type Stored } from './log.js';
import { NAME, type Tally, type TallyRow, tally } from './tally.js';

/**
 * One row that legacy owns, a client who writes it in legacy, an import behind each of his writes (capture), and another one that
 * goes over the row at any time (backfill): all of them the real import, and the projector.
 */
interface World {
  /** Legacy's row; null = there is none. */
  readonly row: TallyRow | null;
  /** What the client will still do. */
  readonly writes: readonly Write[];
  readonly log: readonly Kept[];
  readonly v2: Stored;
  readonly imports: readonly Import[];
}

interface Import {
  readonly answers: readonly Answer[];
  /** The row as it was when the import began. */
  readonly rowThen: TallyRow | null;
}

export type Write = 'change' | 'delete';

/** A rule that is taken out. */
export type Without =
  /** Keys are observed before their rows are read. */
  | 'observe before read'
  /** Absence is imported too. */
  | 'absence'
  /** An import carries the version that it was observed on. */
  | 'expected version';

const KEY = importedId('tally', NAME);
const importing = importer(tally);

/** @param backfills imports that begin whenever they like */
export function exploreImporters(writes: readonly Write[], backfills: number, without?: Without): Promise<Explored> {
  const row: TallyRow = { Id: NAME, Name: NAME, Ids: 'old' };
  const imports = Array.from({ length: backfills }, () => ({ answers: [], rowThen: row }));
  return explore<World>({
    start: { row, writes, log: [], v2: NOTHING_STORED, imports },
    moves: async (world) => [
      ...clientMoves(world),
      ...(await Promise.all(world.imports.map((_, at) => importMoves(world, at, without)))).flat(),
      ...(world.v2.next < world.log.length
        ? [{ name: 'the projector', world: { ...world, v2: consume(tally, world.v2, world.log).stored } }]
        : []),
    ],
    wrongAtRest: ({ row: inLegacy, v2 }) => {
      const document = v2.states[KEY]?.document as Tally | undefined;
      if (document === undefined) return inLegacy === null ? undefined : 'V2 lacks what legacy has';
      if (inLegacy === null) return 'V2 has what legacy deleted';
      return document.ids.join() === inLegacy.Ids ? undefined : 'V2 has an older row than legacy';
    },
  });
}

function clientMoves(world: World): Move<World>[] {
  const [write, ...writes] = world.writes;
  if (write === undefined || world.row === null) return [];
  const Ids = `${world.row.Ids},c${writes.length}`;
  const row = write === 'delete' ? null : { ...world.row, Ids };
  // The proxy imports the row behind the write, as long after it as it takes.
  const capture: Import = { answers: [], rowThen: row };
  return [
    { name: `legacy’s client: ${write}`, world: { ...world, row, writes, imports: [...world.imports, capture] } },
  ];
}

async function importMoves(world: World, at: number, without?: Without): Promise<Move<World>[]> {
  const now = world.imports[at];
  if (now === undefined) return [];
  const turn = await importing.turn({ name: `i${at}`, legacyId: NAME }, now.answers);
  if (turn.type === 'threw') throw turn.error;
  if (turn.type === 'returned') return [];
  return answersTo(world, turn.question, now, without).map(({ value, more }) => ({
    name: `i${at} ${turn.question.name}`,
    world: {
      ...world,
      ...more,
      imports: world.imports.with(at, {
        ...now,
        ...(turn.question.name === 'authority' ? { rowThen: world.row } : {}),
        answers: [...now.answers, { value }],
      }),
    },
  }));
}

function answersTo(
  { row, log, v2 }: World,
  { name, args }: Question,
  { rowThen }: Import,
  without: Without | undefined,
): { readonly value: unknown; readonly more?: Partial<World> }[] {
  const { authority, keyState } = readOf(v2, KEY);
  switch (name) {
    case 'authority':
      return [{ value: authority }];
    case 'keyStates':
      return [{ value: keyState.version === 0 ? {} : { [KEY]: keyState } }];
    case 'rows': {
      const read = without === 'observe before read' ? rowThen : row;
      return [{ value: read === null ? {} : { [NAME]: read } }];
    }
    case 'append': {
      const given = args[0] as Kept;
      if (without === 'absence' && given.headers[HEADER.liveness] === 'deleted') return [];
      const headers = without === 'expected version' ? onPresentVersion(given, log) : given.headers;
      return [{ value: log.length, more: { log: [...log, { ...given, headers }] } }];
    }
    case 'reached':
      return v2.next > (args[0] as number) ? [{ value: true }] : [];
    default:
      throw new Error(`nobody answers ${name}`);
  }
}

/** As if it named no version: it counts on whatever lies in the log before it. */
function onPresentVersion({ headers }: Kept, log: readonly Kept[]): Kept['headers'] {
  let stored = NOTHING_STORED;
  while (stored.next < log.length) stored = consume(tally, stored, log).stored;
  return { ...headers, [HEADER.expectedVersion]: String(readOf(stored, KEY).keyState.version) };
}
