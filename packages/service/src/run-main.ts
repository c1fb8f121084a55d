import { isBanyanError } from '@banyan/core';
import type { GiveUp } from './give-up.js';
import { logger } from './logger.js';
import type { RunningApp } from './run-app.js';

/** Longest time from SIGTERM to the exit, milliseconds. */
export const DRAIN_MS = 10_000;

/**
 * An app as a process: `main.ts` is `await runMain('new-api', () => startNewApi(readConfig()))`.
 *
 * - A start that fails is one log line (code, message with its remedy) and exit code 1.
 * - SIGTERM and SIGINT drain and exit with 0; after 10 s, or at a second signal, with 1.
 * - A part that cannot go on (`RunningApp.gaveUp`) drains the rest, as SIGTERM does, and exits with 1. Its code and remedy are the last line, the
 *   only one of level fatal: whoever looks why a process ended looks there, also when it ends again and again.
 * - An exception that nobody caught ends the process with 1: its state is unknown, and everything here can be started again.
 */
export async function runMain(name: string, start: () => Promise<RunningApp>): Promise<void> {
  const log = logger(name);
  let ending: 'asked' | GiveUp | undefined;
  const fail = (error: unknown, message: string): never => {
    // What goes wrong in the drain is not why the process ends.
    const [fields, words] =
      ending === undefined || ending === 'asked' ? [failure(error), message] : lastWords(ending, error, message);
    log.fatal(fields, words);
    process.exit(1);
  };
  process.on('uncaughtException', (error) => fail(error, `crashed: ${messageOf(error)}`));
  process.on('unhandledRejection', (error) => fail(error, `crashed: ${messageOf(error)}`));

  let running: RunningApp | undefined;
  const drain = async (app: RunningApp): Promise<void> => {
    setTimeout(() => fail(undefined, `did not drain within ${DRAIN_MS} ms`), DRAIN_MS).unref();
    try {
      await app.close();
    } catch (error) {
      fail(error, `stopping failed: ${messageOf(error)}`);
    }
  };
  let signals = 0;
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    signals += 1;
    if (signals > 1) {
      if (typeof ending === 'object') fail(undefined, `a second ${signal} cut the drain short`);
      process.exit(1);
    }
    // Its liveness fails, so an orchestrator asks it to end: that is under way, and why has still to be said.
    if (ending !== undefined) return;
    ending = 'asked';
    // Nothing is served yet, so nothing needs to be drained.
    if (running === undefined) process.exit(0);
    log.info({ signal }, 'draining');
    await drain(running);
    log.info('stopped');
    process.exit(0);
  };
  const giveUp = async (app: RunningApp, gaveUp: GiveUp): Promise<void> => {
    await gaveUp.told;
    if (ending !== undefined) return;
    ending = gaveUp;
    const [first] = gaveUp.hopeless;
    log.info({ part: first?.part }, `${first?.part ?? name} cannot go on: draining the rest`);
    await drain(app);
    fail(undefined, 'stopped');
  };
  process.on('SIGTERM', (signal) => void stop(signal));
  process.on('SIGINT', (signal) => void stop(signal));

  try {
    running = await start();
  } catch (error) {
    fail(error, messageOf(error));
  }
  if (running?.gaveUp !== undefined) void giveUp(running, running.gaveUp);
}

/** Why it ends: the first that could not go on, with the others, and how the drain ended where that was not in order. */
function lastWords({ hopeless }: GiveUp, error: unknown, message: string): [object, string] {
  const [first, ...others] = hopeless;
  const also = others.map((one) => ({ part: one.part, ...failure(one.error), message: one.error.message }));
  const fields = {
    ...(first === undefined ? {} : { part: first.part, ...failure(first.error) }),
    ...(also.length === 0 ? {} : { also }),
    ...(message === 'stopped' ? {} : { drain: message }),
    ...(error === undefined ? {} : { drainError: messageOf(error) }),
  };
  return [fields, `${first?.part ?? 'something'} cannot go on: ${first?.error.message ?? message}`];
}

/** Errors raised on purpose say what to do: a stack would only hide that. Others need it. */
function failure(error: unknown): object {
  if (isBanyanError(error)) return { code: error.code, ...causeOf(error) };
  return error === undefined ? {} : { code: 'SERVICE_INTERNAL', err: error };
}

function causeOf(error: Error): object {
  return error.cause === undefined ? {} : { cause: messageOf(error.cause) };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
