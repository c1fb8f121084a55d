import type { OpenIntent } from '@banyan/importing';
import type { Intent, LastPorted, SendOperation, Verdict } from '@banyan/legacy-porter/testing';
import { planChange } from '@banyan/legacy-porter/testing';
import type { Change } from '@banyan/sink';
import type { PlainKnown } from './sender.js';

/** What the porter has of one key beside its fold: sends that are due, its journal, the link, the row last ported. */
export interface PorterStore {
  /** In the order of their versions. */
  readonly work: readonly Due[];
  readonly intents: Readonly<Record<number, OpenSend>>;
  readonly link: string | null;
  readonly ported: LastPorted | null;
}

export interface Due {
  readonly version: number;
  readonly operation: SendOperation;
  readonly document: unknown;
  readonly state: 'ready' | 'parked' | 'in-doubt';
}

export interface OpenSend {
  readonly operation: SendOperation;
  readonly state: 'open' | 'unclear';
  readonly mayHaveArrived: boolean;
  readonly highWaterMark: string | null;
  readonly legacyId: string | null;
  readonly row: Intent['row'];
}

export const EMPTY_PORTER: PorterStore = { work: [], intents: {}, link: null, ported: null };

/** A slice's changes of the key, as intake writes them. */
export function takeIn(store: PorterStore, changes: readonly Change[]): PorterStore {
  let { work, link, ported } = store;
  for (const change of changes) {
    const effect = planChange(change);
    if (effect.type === 'send') {
      const { version, after: document } = effect.change;
      work = [...work, { version, operation: effect.operation, document: document ?? null, state: 'ready' }];
    } else if (effect.type === 'imported') {
      link = effect.legacyId;
      ported = { version: effect.change.version, hash: effect.hash };
    }
  }
  return { ...store, work, link, ported };
}

/** @param settled legacy can carry out none of it any more */
export function knownOf({ intents, link, ported }: PorterStore, version: number, settled: boolean): PlainKnown {
  const open = intents[version];
  const intent: Intent | undefined = open && {
    attempt: 1,
    mayHaveArrived: open.mayHaveArrived,
    settled,
    settledInMs: settled ? 0 : 3_000,
    highWaterMark: open.highWaterMark,
    row: open.row,
  };
  return { legacyId: link ?? undefined, ported: ported ?? undefined, intent };
}

/** The intent as `Journal.open` writes it. */
export function opened(
  store: PorterStore,
  { version, operation }: Due,
  sent: { readonly highWaterMark: string | null; readonly legacyId?: string; readonly row: OpenSend['row'] },
): PorterStore {
  const mayHaveArrived = store.intents[version]?.mayHaveArrived ?? false;
  const { highWaterMark, legacyId = null, row } = sent;
  const open: OpenSend = { operation, state: 'open', mayHaveArrived, highWaterMark, legacyId, row };
  return { ...store, intents: { ...store.intents, [version]: open } };
}

/** What `settle` writes in its one transaction. */
export function settled(store: PorterStore, version: number, verdict: Verdict): PorterStore {
  const { [version]: intent, ...others } = store.intents;
  const stands = (state: Due['state']) => store.work.map((due) => (due.version === version ? { ...due, state } : due));
  const unclear =
    intent === undefined
      ? others
      : { ...others, [version]: { ...intent, state: 'unclear', mayHaveArrived: true } as const };
  switch (verdict.type) {
    case 'done':
      return {
        work: store.work.filter((due) => due.version !== version),
        intents: others,
        link: verdict.legacyId,
        ported: { version, hash: verdict.hash, etag: verdict.etag },
      };
    case 'overtaken':
      return { ...store, work: store.work.filter((due) => due.version !== version), intents: others };
    case 'parked':
      return { ...store, work: stands('parked'), intents: others };
    case 'in-doubt':
      return { ...store, work: stands('in-doubt'), intents: unclear };
    case 'again':
      // As before the attempt, unless it may have reached legacy.
      if (verdict.mayHaveArrived || intent?.mayHaveArrived === true) return { ...store, intents: unclear };
      return { ...store, intents: others };
    case 'waiting':
      throw new Error('a tally refers to nothing');
  }
}

/** What a new incarnation writes when it comes up: the sends of the one before it have an unclear end. */
export function takenOver(store: PorterStore): PorterStore {
  const intents = Object.entries(store.intents).map(
    ([version, intent]) => [version, { ...intent, state: 'unclear', mayHaveArrived: true }] as const,
  );
  return { ...store, intents: Object.fromEntries(intents) };
}

/** What importers are told of the journal. */
export function openIntents({ intents, work }: PorterStore, key: string): readonly OpenIntent[] {
  return Object.entries(intents).map(([version, { operation, highWaterMark, legacyId }]) => {
    const inDoubt = work.some((due) => due.version === Number(version) && due.state === 'in-doubt');
    const state = inDoubt ? 'in-doubt' : 'open';
    return { entity: 'tally', key, eventId: `e${version}`, operation, highWaterMark, legacyId, state };
  });
}
