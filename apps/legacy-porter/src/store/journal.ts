import { BanyanError } from '@banyan/core';
import { isAbove } from '@banyan/legacy';
import { type LegacyRow, settleAfterMsOf } from '@banyan/transformer';
import type { Journal } from '../sending/attempt.js';
import { referencesOf } from '../sending/format-work.js';
import { type Known, referenceKey, type SendingPort } from '../sending/sending-port.js';
import type { Reference } from '../sending/verdict.js';
import { Group } from './group.js';
import type { OpenedSend, PorterStatements, PorterStore, SendRead } from './porter-store.js';
import type { Holder, Work, WorkId } from './work.js';

/** The journal of one process. What its senders ask of it at the same time is one statement for all of them. */
export function createJournal(store: PorterStore, holder: Holder): Journal {
  const { alone } = store;
  const loads = new Group((sends: readonly ToLoad[]) => load(alone, sends));
  const opens = new Group(async (sends: readonly OpenedSend[]) => {
    const opened = await alone.openIntents(holder, sends);
    return sends.map(({ work }) => opened.has(work.claim));
  });
  return {
    load: async (work, port) => loads.add({ work, port, references: referencesOf(port, work) }),

    async open(work, sent) {
      if (!(await opens.add({ work, sent }))) throw claimLost(work);
    },

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

interface ToLoad {
  readonly work: Work;
  readonly port: SendingPort;
  readonly references: readonly Reference[];
}

async function load(store: PorterStatements, sends: readonly ToLoad[]): Promise<readonly Known[]> {
  const read = await store.readSends(
    sends.map(({ work, port }) => ({
      work,
      entity: port.entity.name,
      port: port.definition.name,
      settleAfterMs: settleAfterMsOf(port.definition),
    })),
  );
  const resolved = await resolve(store, sends);
  return sends.map(({ references }, at) => {
    const links = new Map<string, string>();
    const never: Reference[] = [];
    for (const reference of references) {
      const found = resolved.get(referenceKey(reference));
      if (found === 'never') never.push(reference);
      else if (found !== undefined) links.set(referenceKey(reference), found.legacyId);
    }
    return { ...(read[at] as SendRead), links, never };
  });
}

type Resolved = { readonly legacyId: string } | 'never';

/** Links of the references, and which of those without one can never get one: deleted, and nothing of them is left to send. */
async function resolve(store: PorterStatements, sends: readonly ToLoad[]): Promise<ReadonlyMap<string, Resolved>> {
  const resolved = new Map<string, Resolved>();
  const named = sends.flatMap(({ port, references }) =>
    references.map(({ entity, id }) => ({ entity, id, port: port.portOf(entity) })),
  );
  for (const ofOne of Map.groupBy(named, ({ entity, port }) => `${entity}.${port}`).values()) {
    const { entity, port } = ofOne[0] as (typeof named)[number];
    const keys = [...new Set(ofOne.map(({ id }) => id))];
    for (const link of await store.findLinks({ entity, port, keys })) {
      resolved.set(referenceKey({ entity, id: link.key }), { legacyId: link.legacyId });
    }
    const missing = keys.filter((id) => !resolved.has(referenceKey({ entity, id })));
    if (missing.length === 0) continue;
    for (const id of await store.goneKeys(`${entity}.${port}`, missing)) {
      resolved.set(referenceKey({ entity, id }), 'never');
    }
  }
  return resolved;
}
