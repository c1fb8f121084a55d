import type { HoldReason } from '../gate/write-gate.js';
import { type Reply, textReply } from '../upstream/reply.js';

const HOLD_WORDS: Readonly<Record<HoldReason | 'too-many-waiting', (entity: string) => string>> = {
  'moving-forward': (entity) => `Writes of ${entity} are moving to the new system; nothing was done, ask again.`,
  'moving-back': (entity) => `Writes of ${entity} are moving back to legacy; nothing was done, ask again.`,
  unregistered: (entity) =>
    `This proxy does not know yet who may write ${entity}: it waits for the control log. Nothing was done, ask again.`,
  'too-many-waiting': (entity) => `Too many writes wait for ${entity} to move; nothing was done, ask again.`,
};

/** Why a write was not begun, for callers of legacy. */
export function holdWords(entity: string, because: HoldReason | 'too-many-waiting'): string {
  return HOLD_WORDS[because](entity);
}

/** @param pointer where the new API is described */
export function goneReply(what: string, pointer: string): Reply {
  return textReply(410, `${what} is not served here any more. Use the new API: ${pointer}`);
}
