import type { CliResult, World } from './world.js';

/** Runs `banyan … --json`. Throws when it ends with another exit code, with what it said. @returns the JSON document of stdout */
export async function banyan<T = unknown>(world: Pick<World, 'banyan'>, words: string, exitCode = 0): Promise<T> {
  const result = await world.banyan(...words.split(' '), '--json');
  if (result.code !== exitCode) {
    throw new Error(`banyan ${words} ended with ${result.code} instead of ${exitCode}: ${saidBy(result)}`);
  }
  return jsonOf(words, result);
}

/** A backfill, whole: planned, then run. @param entities words for the CLI; '' = all */
export async function backfill(world: Pick<World, 'banyan'>, entities = ''): Promise<BackfillRun> {
  const { hash } = await banyan<{ hash: string }>(world, `backfill plan ${entities}`.trim());
  return banyan<BackfillRun>(world, `backfill run --plan ${hash}`);
}

export interface BackfillRun {
  /** The hash of what was carried out. */
  readonly plan: string;
  readonly done: boolean;
  readonly books: readonly {
    readonly entity: string;
    readonly sourceRows: number;
    readonly buckets: Readonly<Record<string, number>>;
  }[];
}

function jsonOf<T>(words: string, result: CliResult): T {
  try {
    return JSON.parse(result.stdout) as T;
  } catch {
    throw new Error(`banyan ${words} printed no JSON: ${saidBy(result)}`);
  }
}

function saidBy({ stderr, stdout }: CliResult): string {
  return stderr.trim() || stdout.trim();
}
