import type { IncomingMessage } from 'node:http';
import { HTTP_TRACE } from '@banyan/contracts';
import { type Clock, canonicalJson, type NewId } from '@banyan/core';
import type { LegacyCall, TranslatedCommand, TranslatedEntity, TranslatedRoute } from '../routing/translation.js';
import { identityHeaders, type LegacyAnswer, type LegacyClient } from '../upstream/legacy-client.js';
import type { NewApi } from '../upstream/new-api-client.js';
import { busyReply, type Reply, textReply } from '../upstream/reply.js';
import { type CreationKeys, keyWithBody } from './creation-key.js';
import { decide } from './decide.js';
import type { Verdict } from './verdict.js';

export interface RoundTripOptions {
  readonly newApi: Pick<NewApi, 'command' | 'view'>;
  readonly legacy: Pick<LegacyClient, 'get'>;
  readonly keys: CreationKeys;
  readonly newId: NewId;
  readonly clock: Clock;
  isPortOn(port: string): boolean;
  /** From the whole request until the answer, milliseconds. */
  readonly deadlineMs: number;
}

export interface RoundTripCall {
  readonly entity: TranslatedEntity;
  readonly route: TranslatedRoute;
  readonly call: LegacyCall;
  readonly request: Pick<IncomingMessage, 'rawHeaders' | 'headers'>;
}

export interface RoundTripEnd {
  readonly reply: Reply;
  /** For the counters. */
  readonly verdict: Verdict['type'] | 'legacy-refuses';
}

/** Kept of the deadline for reading legacy's row back, milliseconds. */
const READ_BACK_MS = 250;

/** A legacy write through V2: translated, decided there, ported, and answered with legacy's own row. */
export function roundTrips(options: RoundTripOptions): (trip: RoundTripCall) => Promise<RoundTripEnd> {
  return async (trip) => {
    const { entity, route, call, request } = trip;
    const began = options.clock.monotonic();
    const leftMs = (): number => options.deadlineMs - (options.clock.monotonic() - began);
    const translated = route.toCommand(call);
    if ('reply' in translated) return { reply: translated.reply, verdict: 'legacy-refuses' };
    const portOn = options.isPortOn(entity.primaryPort);
    if (!portOn && route.creates && entity.assignedIds) {
      const words = `Legacy gives out no numbers for a new ${entity.name} any more, since its port is off; nothing was done. Create it at the new API.`;
      return { reply: textReply(503, words), verdict: 'busy' };
    }
    const { command } = translated;
    const decideAs = (idempotencyKey: string): Promise<Verdict> =>
      decide(
        options.newApi,
        {
          method: command.method,
          path: command.path,
          body: command.body,
          idempotencyKey,
          waitForPorted: portOn,
          traceparent: headerOf(request, 'traceparent'),
          correlationId: headerOf(request, HTTP_TRACE.correlationId),
          hops: headerOf(request, HTTP_TRACE.hops),
        },
        () => leftMs() - READ_BACK_MS,
      );
    let key = keyOf(options, trip, command);
    let verdict = await decideAs(key);
    if (verdict.type === 'reused' && verdict.firstRefused) {
      key = keyWithBody(key, command.body);
      verdict = await decideAs(key);
    }
    const reply = await replyTo({ ...options, ...trip, command, key, portOn, leftMs }, verdict);
    return { reply, verdict: verdict.type };
  };
}

/** A change carries a key of its own, so that a lost answer of V2 can be asked for again within the deadline. */
function keyOf({ keys, newId }: RoundTripOptions, { entity, route }: RoundTripCall, command: TranslatedCommand) {
  const { creation } = command;
  if (creation === undefined) return `proxy:${entity.name}:${newId()}`;
  return keys.keyOf({ entity: entity.name, route: route.name, body: command.body, declared: creation.key });
}

interface Ending extends RoundTripOptions, RoundTripCall {
  readonly command: TranslatedCommand;
  readonly key: string;
  readonly portOn: boolean;
  readonly leftMs: () => number;
}

async function replyTo(ending: Ending, verdict: Verdict): Promise<Reply> {
  const { entity, route, call, command, portOn } = ending;
  switch (verdict.type) {
    case 'ported':
      return done(ending, verdict.legacyId ?? command.legacyId);
    case 'accepted':
      return portOn && verdict.portState !== 'port-off'
        ? late(ending, verdict)
        : done(ending, verdict.legacyId ?? command.legacyId);
    case 'unknown':
      return textReply(
        504,
        `It is not known yet whether V2 took this ${route.name} of ${what(ending)} (${verdict.detail}) ${again(ending)}`,
      );
    case 'busy':
      return busyReply(`${verdict.detail} Nothing was done; ask again.`, verdict.retryAfterSeconds);
    case 'reused':
      return textReply(409, verdict.detail);
    case 'absent':
      return (await gone(ending)) ?? route.toRefusal(verdict.problem, call) ?? entity.absent(command.legacyId ?? '');
    case 'refused':
      return (
        (verdict.problem && route.toRefusal(verdict.problem, call)) ??
        (await gone(ending)) ??
        textReply(verdict.status, verdict.words)
      );
  }
}

/** It is done. The caller gets the row as legacy has it, or as V2 has it where legacy's port is off or legacy does not answer. */
async function done(ending: Ending, legacyId: string | undefined): Promise<Reply> {
  const { route, entity, call, portOn } = ending;
  if (route.method === 'DELETE') return route.toDone(undefined, call);
  if (legacyId !== undefined) {
    const row = (portOn ? await fromLegacy(ending, legacyId) : undefined) ?? (await fromV2(ending, legacyId));
    if (row !== undefined) return row;
  }
  const where = portOn ? 'V2 and in legacy' : 'V2';
  return textReply(
    504,
    `It is done: ${entity.name} ${legacyId ?? ''} is in ${where}. Reading it back failed; ask for it again.`,
  );
}

async function fromLegacy(ending: Ending, legacyId: string): Promise<Reply | undefined> {
  const answer = await askLegacy(ending, legacyId);
  if (answer?.status !== 200) return undefined;
  const row = parsed(answer.body);
  if (row === undefined) return undefined;
  const done = ending.route.toDone(row, ending.call);
  // Where the row is the whole answer, legacy's own bytes are: how it prints a number is part of its contract.
  const same = canonicalJson(row) === canonicalJson(parsed(done.body) ?? null);
  return same ? { status: done.status, headers: answer.headers, body: answer.body } : done;
}

async function fromV2(ending: Ending, legacyId: string): Promise<Reply | undefined> {
  const [row] = (await viewOf(ending, legacyId)) ?? [];
  return row === undefined ? undefined : ending.route.toDone(row, ending.call);
}

/**
 * V2 keeps what legacy deletes (a cancelled order) and refuses to change it; for legacy's callers it is not there. Legacy's own 404
 * where it still has the say over its rows.
 */
async function gone(ending: Ending): Promise<Reply | undefined> {
  const { legacyId } = ending.command;
  if (legacyId === undefined || ending.route.creates) return undefined;
  if (ending.portOn) {
    const answer = await askLegacy(ending, legacyId);
    return answer?.status === 404 ? answer : undefined;
  }
  const rows = await viewOf(ending, legacyId);
  return rows?.length === 0 ? ending.entity.absent(legacyId) : undefined;
}

function askLegacy({ legacy, entity, request, leftMs }: Ending, legacyId: string): Promise<LegacyAnswer | undefined> {
  const headers = identityHeaders(request.rawHeaders);
  const timeoutMs = Math.max(READ_BACK_MS, leftMs());
  return legacy.get(entity.pathOfRow(legacyId), { headers, timeoutMs }).catch(() => undefined);
}

function parsed(body: string | Buffer): unknown {
  try {
    return JSON.parse(body.toString()) as unknown;
  } catch {
    return undefined;
  }
}

async function viewOf({ newApi, entity, leftMs }: Ending, legacyId: string) {
  const view = await newApi
    .view(entity.name, { ids: [legacyId] }, Math.max(READ_BACK_MS, leftMs()))
    .catch(() => undefined);
  return view?.rows;
}

/** In V2, so it will be in legacy: to say anything else would make the caller do it twice. */
function late(ending: Ending, { key, portState }: Verdict & { type: 'accepted' }): Reply {
  const why =
    portState === 'parked' || portState === 'in-doubt'
      ? `its way to legacy is stopped until a person has looked at it (${portState})`
      : `it is not in legacy yet after ${ending.deadlineMs} ms`;
  const words = `Accepted: V2 has this ${ending.route.name} of ${what(ending)} (V2 id ${key}), and ${why}. ${ending.route.creates ? again(ending) : 'Read it to see it.'}`;
  return textReply(504, words);
}

function again({ route, key }: Ending): string {
  if (route.creates) return `Send the same request again to get its answer; it is done once (key ${key}).`;
  // Each request is a change of its own: sent again, it would cover what others did in between.
  return 'Read it to see whether it is done, before you send it again.';
}

function what({ entity, command }: Ending): string {
  return command.legacyId === undefined ? `a new ${entity.name}` : `${entity.name} ${command.legacyId}`;
}

function headerOf({ headers }: RoundTripCall['request'], name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}
