import { BanyanError } from '@banyan/core';
import { isAbove } from '@banyan/legacy';
import { type LegacyRow, settleAfterMsOf } from '@banyan/transformer';
import type { Journal } from '../sending/attempt.js';
import { referencesOf } from '../sending/format-work.js';
import { type Known, referenceKey, type SendingPort } from '../sending/sending-port.js';
import type { Reference } from '../sending/verdict.js';
import type { PorterStatements, PorterStore } from './porter-store.js';
import type { Holder, Work, WorkId } from './work.js';

export function createJournal(store: PorterStore, holder: Holder): Journal {
  const { alone } = store;
  return {
    load: (work, port) => load(alone, work, port),

    open: (work, sent) =>
      store.transaction(async (tx) => {
        if (!(await tx.lockClaim(work))) throw claimLost(work);
        await tx.openIntent(work, holder, sent);
      }),

    async claimants(work, port, rows) {
      const { name } = port.entity;
      const legacyIds = rows.map(({ legacyId }) => legacyId);
      const links = await alone.findLinks({ entity: name, port: port.definition.name, legacyIds });
      // Of two unclear sends that could both be meant, the first by key takes the row; the other one finds it linked then.
      const others = await alone.otherCreates(work);
      const { create } = port.sender.target;
      const mayBeOf = (candidate: LegacyRow, legacyId: string) =>
        others.some(
          ({ key, highWaterMark, row }) =>
            create.deliveryClass === 'probe' &&
            row !== null &&
            create.isOurs(candidate, row as LegacyRow, { id: key, isAbove: isAbove(legacyId, highWaterMark) }),
        );
      return {
        linked: new Set(links.filter(({ key }) => key !== work.key).map(({ legacyId }) => legacyId)),
        contested: new Set(rows.filter(({ row, legacyId }) => mayBeOf(row, legacyId)).map(({ legacyId }) => legacyId)),
      };
    },
  };
}

/** Another claim has taken the work over, mostly of another instance; its result is the other one's to find. */
export function claimLost({ consumer, key, version }: WorkId): BanyanError {
  return new BanyanError(
    'PORTER_CLAIM_LOST',
    `${consumer} ${key}, version ${version}: another claim has taken this send over; this one drops it.`,
    { data: { consumer, key, version } },
  );
}

async function load(store: PorterStatements, work: Work, port: SendingPort): Promise<Known> {
  const references = referencesOf(port, work);
  const settleAfterMs = settleAfterMsOf(port.definition);
  const read = await store.readSend(work, { entity: port.entity.name, port: port.definition.name, settleAfterMs });
  return { ...read, ...(await resolve(store, port, references)) };
}

/** Links of the references, and which of those without one can never get one: deleted, and nothing of them is left to send. */
async function resolve(
  store: PorterStatements,
  port: SendingPort,
  references: readonly Reference[],
): Promise<Pick<Known, 'links' | 'never'>> {
  const links = new Map<string, string>();
  const never: Reference[] = [];
  for (const [entity, ofEntity] of Map.groupBy(references, (reference) => reference.entity)) {
    const name = port.portOf(entity);
    const keys = [...new Set(ofEntity.map(({ id }) => id))];
    for (const link of await store.findLinks({ entity, port: name, keys })) {
      links.set(referenceKey({ entity, id: link.key }), link.legacyId);
    }
    const missing = keys.filter((id) => !links.has(referenceKey({ entity, id })));
    if (missing.length === 0) continue;
    const gone = await store.goneKeys(`${entity}.${name}`, missing);
    never.push(...gone.map((id) => ({ entity, id })));
  }
  return { links, never };
}
