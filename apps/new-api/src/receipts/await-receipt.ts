import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '@banyan/core';
import type { ProjectionProgress } from '@banyan/importing';
import type { Answer } from '../http/answer.js';
import { type ReadReceipt, type ReceiptTools, readReceipt } from './read-receipt.js';
import type { Waits } from './waits.js';

export interface AwaitTools extends ReceiptTools {
  readonly progress: ProjectionProgress;
  readonly clock: Clock;
  readonly waits: Waits;
}

export interface ReceiptAsked {
  readonly eventId: string;
  /** How long the answer may take, milliseconds; 0 = at once. */
  readonly waitMs: number;
  /** `If-None-Match`: what the caller has seen. */
  readonly ifNoneMatch: string | undefined;
  /** The caller has gone. */
  readonly gone: AbortSignal;
}

/** Between two looks where nobody tells of a change, milliseconds: a send takes some 10 ms, a person minutes. */
const PAUSES_MS = [25, 50, 100, 200, 400];
const PAUSE_MS = 700;
/** When the projector's progress is what is waited for; notifications may be lost, and a stop is not one. */
const LOOK_AGAIN_MS = 2_000;
/** When to ask again about what moves by itself, seconds. */
const RETRY_AFTER_S = 1;

/**
 * The receipt as an answer: at once where it is the last word or not what the caller has seen, else when it changes, and after the wait as it
 * is. So one who asks again and again is never answered without either news or a wait.
 */
export async function awaitReceipt(tools: AwaitTools, asked: ReceiptAsked): Promise<Answer> {
  const { eventId, waitMs, ifNoneMatch, gone } = asked;
  const first = await readReceipt(tools, eventId);
  const seen = ifNoneMatch ?? tagOf(first);
  const leave = waitMs > 0 ? tools.waits.enter() : undefined;
  if (leave === undefined) return answerOf(first, ifNoneMatch);
  try {
    const until = tools.clock.monotonic() + waitMs;
    const over = AbortSignal.any([gone, tools.waits.ended]);
    let last = first;
    for (let looks = 0; !last.receipt.done && matches(seen, tagOf(last)); looks += 1) {
      const leftMs = until - tools.clock.monotonic();
      if (leftMs <= 0 || over.aborted) break;
      await change(tools, last, { leftMs, looks, over });
      last = await readReceipt(tools, eventId);
    }
    return answerOf(last, ifNoneMatch);
  } finally {
    leave();
  }
}

/** Resolves when there may be news, and after `leftMs` at the latest. */
async function change(
  { progress }: AwaitTools,
  { kept, receipt }: ReadReceipt,
  { leftMs, looks, over }: { readonly leftMs: number; readonly looks: number; readonly over: AbortSignal },
): Promise<void> {
  const pause = (ms: number): Promise<unknown> =>
    delay(Math.min(ms, leftMs), undefined, { signal: over, ref: false }).catch(() => undefined);
  if (receipt.state !== 'accepted' || kept.position === undefined) {
    await pause(PAUSES_MS[looks] ?? PAUSE_MS);
    return;
  }
  const place = { consumer: kept.entity, ...kept.position };
  await Promise.race([progress.reached(place, Math.min(LOOK_AGAIN_MS, leftMs)), pause(LOOK_AGAIN_MS)]);
}

function answerOf({ receipt }: ReadReceipt, ifNoneMatch: string | undefined): Answer {
  const etag = tagOf({ receipt });
  const headers = {
    etag,
    'cache-control': 'no-store',
    ...(receipt.done ? {} : { 'retry-after': String(RETRY_AFTER_S) }),
  };
  if (ifNoneMatch !== undefined && matches(ifNoneMatch, etag)) return { status: 304, headers, body: undefined };
  return { status: 200, headers, body: receipt };
}

function tagOf({ receipt }: Pick<ReadReceipt, 'receipt'>): string {
  return `"${createHash('sha256').update(JSON.stringify(receipt)).digest('base64url').slice(0, 22)}"`;
}

/** Weak comparison, as RFC 9110 asks of If-None-Match. */
function matches(ifNoneMatch: string, etag: string): boolean {
  if (ifNoneMatch.trim() === '*') return true;
  return ifNoneMatch.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
}
