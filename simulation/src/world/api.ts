import { CONTROL_TOPIC } from '@banyan/contracts';
import { isBanyanError, systemClock } from '@banyan/core';
import { createHttpReader } from '@banyan/legacy';
import {
  type Address,
  type CommandTools,
  createAdoption,
  knownByLegacyId,
  LogWriter,
  type RestateReport,
  restate,
  runCommand,
} from '@banyan/new-api/testing';
import { HttpProblem, type Log } from '@banyan/service';
import type { WhyRestated } from '@banyan/transformer';
import { beginKey, receiptsIn } from './idempotency.js';
import { type Note, note } from './note.js';
import type { Process } from './process.js';
import { ProcessLog } from './process-log.js';
import { observerOf, progressOf, viewOf } from './v2.js';
import { NOTES, type World } from './world.js';

export const TOPIC = 'sim.note.v1';
export const PARTITIONS = 2;
export { CONTROL_TOPIC };

export type CommandName = 'WriteNote' | 'ExtendNote' | 'RewriteNote' | 'RemoveNote';

/** A request as a client sends it. */
export interface ApiRequest {
  readonly command: CommandName;
  readonly address: Address | undefined;
  readonly word: string;
  readonly idempotencyKey: string;
}

export interface ApiAnswer {
  readonly status: number;
  readonly code: string | undefined;
  /** Of the note. */
  readonly id: string | undefined;
}

export interface Api {
  readonly process: Process;
  call(request: ApiRequest): Promise<ApiAnswer>;
  /** `banyan restate`. @param state undefined = there is none any more */
  restate(key: string, state: Note | undefined, why: WhyRestated): Promise<RestateReport>;
}

/** An instance of new-api: its real commands, imports and journal over the world's stores. */
export async function startApi(world: World, process: Process, logger: Log): Promise<Api> {
  const { v2, api, legacy, variant } = world;
  const newId = () => world.newId();
  const sessions = { v2: world.session(v2, process), api: world.session(api, process) };
  const right = viewOf(sessions.v2, PARTITIONS);
  const store = variant.view?.(right) ?? right;
  const wire = new ProcessLog(world.wire, process);
  const eventLog = Object.assign(Object.create(wire) as ProcessLog, {
    appender: async () => {
      const appender = await wire.appender();
      return variant.appender?.(appender, process, right) ?? appender;
    },
  });
  const log = new LogWriter(eventLog, NOTES, '', [note]);
  await log.prepare();
  const porter = world.porterApi(process);
  const progress = progressOf(sessions.v2);
  const reader = createHttpReader(note.legacy, legacy.api(process));
  const shared = {
    source: process.name,
    newId,
    clock: systemClock,
    appendDeadlineMs: 3_000,
    movePatienceMs: 1_000,
    outcomeDeadlineMs: 5_000,
    entities: [note],
    log,
    progress,
    porter,
  };
  const control = world.control(process);
  await control.follow();
  const tools: CommandTools & { readonly logger: Log } = {
    ...shared,
    store,
    control,
    receipts: receiptsIn(sessions.api),
    adoption: createAdoption({
      ...shared,
      topicPrefix: '',
      observer: observerOf(sessions.v2),
      readerOf: () => reader,
      known: (entity, legacyIds) => knownByLegacyId(store, entity, legacyIds),
    }),
    logger,
  };
  return {
    process,
    call: (request) => process.answer(() => answer(request)),
    restate: (key, state, why) =>
      process.answer(() => restate(tools, { entity: note, key, state, why, dryRun: false })),
  };

  async function answer({ command: name, address, word, idempotencyKey }: ApiRequest): Promise<ApiAnswer> {
    try {
      const begun = await beginKey(sessions.api, idempotencyKey, newId());
      if (begun.type === 'in-flight') return { status: 409, code: 'API_IDEMPOTENCY_IN_FLIGHT', id: undefined };
      if (begun.type === 'answered') return told(begun.answer);
      const command = note.commands.find((one) => one.name === name);
      if (command === undefined) throw new Error(name);
      const call = {
        entity: note,
        command,
        address,
        body: { word },
        ifMatch: undefined,
        respondAsync: false,
        traceparent: undefined,
      };
      try {
        return told(await runCommand(tools, call, variant.journal?.(begun.journal) ?? begun.journal));
      } finally {
        begun.close();
      }
    } catch (error) {
      if (error instanceof HttpProblem) return { status: error.status, code: error.code, id: undefined };
      if (isBanyanError(error) && error.retryable) return { status: 503, code: error.code, id: undefined };
      throw error;
    }
  }
}

function told({ status, body }: { readonly status: number; readonly body?: unknown }): ApiAnswer {
  const { id, code } = (body ?? {}) as { id?: string; code?: string };
  return { status, code, id };
}
