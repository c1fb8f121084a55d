import type { ReadConfig } from './programs.js';

export interface Environment {
  /** All that the process gets. */
  readonly all: Readonly<Record<string, string>>;
  /** What it gets and no other process does: each of them must be its to read. */
  readonly own: readonly string[];
}

/** What the program says to its environment, and what it would never look at. */
export function environmentProblems(read: ReadConfig, { all, own }: Environment): readonly string[] {
  try {
    const known = new Set(Object.keys(read({ ...all })));
    return own.filter((name) => !known.has(name)).map((name) => `${name} is no variable that it reads`);
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

/** What it makes of a variable, default included; undefined when the environment is not complete. */
export function readValue(read: ReadConfig, env: Readonly<Record<string, string>>, name: string): unknown {
  try {
    return (read({ ...env }) as Record<string, unknown>)[name];
  } catch {
    return undefined;
  }
}
