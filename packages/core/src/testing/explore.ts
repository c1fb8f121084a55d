import { canonicalJson } from '../canonical-json.js';
import { digest } from './digest.js';

/** One thing that may happen next, and the world it leads to. */
export interface Move<W> {
  readonly name: string;
  readonly world: W;
}

export interface SmallWorld<W> {
  readonly start: W;
  /** Everything that may happen next, of all actors. Worlds are values: a move makes a new one and leaves the old one as it is. */
  readonly moves: (world: W) => Iterable<Move<W>> | Promise<Iterable<Move<W>>>;
  /** What is wrong in a world, in words; undefined = nothing. */
  readonly wrong?: (world: W) => string | undefined;
  /** The same, asked only where nothing happens any more. */
  readonly wrongAtRest?: (world: W) => string | undefined;
  /** Longest sequence of moves that is looked at; default: to the end. */
  readonly depth?: number;
  /** Worlds beyond this many are an error of the test: it would run for hours. Default 2,000,000. */
  readonly limit?: number;
}

export interface Explored {
  /** Worlds that differ. */
  readonly worlds: number;
  readonly moves: number;
  /** Worlds in which nothing happens any more. */
  readonly atRest: number;
  /** What went wrong first, by a shortest way there; undefined = nothing in all worlds. */
  readonly violation?: { readonly what: string; readonly path: readonly string[] };
}

/** So many worlds are looked at closely for something that their JSON would not show. */
const CHECKED = 500;

/**
 * Looks at every world that can be reached, breadth first, worlds that are alike once. Two worlds are alike when their JSON is, so a world
 * is made of plain JSON. Ends at the first violation. Throws `COMPARE_NOT_JSON` where a world has a map, a date, … in it.
 */
export async function explore<W>(given: SmallWorld<W>): Promise<Explored> {
  const { start, moves, depth = Number.POSITIVE_INFINITY, limit = 2_000_000 } = given;
  // By their digests: the texts of a million worlds would fill the memory.
  const seen = new Set<string>([digest(start)]);
  // The way to a world: the number of the world before it and the name of the move between them.
  const cameFrom: number[] = [-1];
  const cameBy: string[] = [''];
  let taken = 0;
  let atRest = 0;
  const found = (violation: Explored['violation']): Explored => ({
    worlds: seen.size,
    moves: taken,
    atRest,
    ...(violation === undefined ? {} : { violation }),
  });
  const pathTo = (at: number): readonly string[] => {
    const path: string[] = [];
    for (let here = at; here > 0; here = cameFrom[here] ?? -1) path.unshift(cameBy[here] ?? '');
    return path;
  };

  const wrongFirst = given.wrong?.(start);
  if (wrongFirst !== undefined) return found({ what: wrongFirst, path: [] });
  let frontier: { readonly world: W; readonly at: number }[] = [{ world: start, at: 0 }];
  for (let level = 0; level < depth && frontier.length > 0; level += 1) {
    const next: typeof frontier = [];
    for (const { world, at } of frontier) {
      const here = digest(world);
      let goesOn = false;
      for (const move of await moves(world)) {
        taken += 1;
        const there = digest(move.world);
        goesOn ||= there !== here;
        if (seen.has(there)) continue;
        seen.add(there);
        if (seen.size < CHECKED) canonicalJson(move.world);
        const number = cameFrom.push(at) - 1;
        cameBy.push(move.name);
        const what = given.wrong?.(move.world);
        if (what !== undefined) return found({ what, path: pathTo(number) });
        if (seen.size > limit) throw new RangeError(`more than ${limit} worlds; make the world smaller`);
        next.push({ world: move.world, at: number });
      }
      if (goesOn) continue;
      atRest += 1;
      const what = given.wrongAtRest?.(world);
      if (what !== undefined) return found({ what, path: pathTo(at) });
    }
    frontier = next;
  }
  return found(undefined);
}

/** One line for the output of a test run. */
export function tell(name: string, { worlds, moves, atRest, violation }: Explored): void {
  const end =
    violation === undefined ? `${atRest} at rest, nothing wrong` : `${violation.what}, ${violation.path.length} moves`;
  process.stdout.write(`explored ${name}: ${worlds} worlds, ${moves} moves, ${end}\n`);
}
