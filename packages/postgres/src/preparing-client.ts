import type { Writable } from 'node:stream';
import pg from 'pg';
import { isPlanGone } from './errors.js';

/** Names of statements, the same in all connections; those beyond are too many for a server to keep: somebody makes texts of values. */
const names = new Map<string, string>();
const MOST_NAMES = 1_000;

function nameOf(text: string): string | undefined {
  const known = names.get(text);
  if (known !== undefined || names.size >= MOST_NAMES) return known;
  const name = `banyan_${names.size + 1}`;
  names.set(text, name);
  return name;
}

type Query = (
  config: unknown,
  values?: unknown,
  callback?: (error: Error | undefined, result: unknown) => void,
) => Promise<unknown> | undefined;

/**
 * A connection that has each statement with values parsed and planned once. Of a small statement that is most of what it costs the server, and
 * most statements of a migration under way are small. Where a plan is not valid any more (somebody has changed a table, or a pooler has given
 * the connection to another server) the statement fails with what may be tried again, and the connection plans no more ahead.
 */
export class PreparingClient extends pg.Client {
  #prepares = true;
  #corked = false;

  override query = ((config, values, callback) => {
    this.#writeInOneGo();
    // A text without values may be several statements.
    const hasValues = Array.isArray(values) && values.length > 0;
    const name = this.#prepares && hasValues && typeof config === 'string' ? nameOf(config) : undefined;
    if (name === undefined) return super.query(config as string, values as [], callback as never) as never;
    const named = { name, text: config as string, values };
    if (callback !== undefined) {
      super.query(
        named as never,
        ((error: Error | undefined, result: unknown) => {
          this.#heed(error);
          callback(error, result);
        }) as never,
      );
      return undefined;
    }
    const answer = super.query(named as never) as unknown as Promise<unknown>;
    answer.catch((error: unknown) => this.#heed(error));
    return answer;
  }) satisfies Query as unknown as pg.Client['query'];

  /** What is said in one turn goes in one packet. */
  #writeInOneGo(): void {
    const { stream } = (this as unknown as { readonly connection: { readonly stream: Writable } }).connection;
    if (this.#corked) return;
    this.#corked = true;
    stream.cork();
    process.nextTick(() => {
      this.#corked = false;
      stream.uncork();
    });
  }

  #heed(error: unknown): void {
    if (isPlanGone(error)) this.#prepares = false;
  }
}
