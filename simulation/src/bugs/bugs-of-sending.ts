import { type IntentRow, type PorterStatements, TABLE, type WorkRow } from '@banyan/legacy-porter/testing';
import { type Bug, eachStatements } from './bug.js';

/** What the porter sends, and what it writes of it. */
export const BUGS_OF_SENDING: readonly Bug[] = [
  {
    name: 'link-with-the-receipt',
    what: 'the link is written behind the transaction that closes the send',
    variant: {
      porterStore: (store) => ({
        ...store,
        transaction: async (work) => {
          const later: Parameters<PorterStatements['addLinks']>[0][] = [];
          const result = await store.transaction((tx) =>
            work({ ...tx, addLinks: async (links) => void later.push(links), takenLinks: async () => [] }),
          );
          for (const links of later) await store.alone.addLinks(links);
          return result;
        },
      }),
    },
  },
  {
    name: 'receipt-before-the-journal',
    what: 'a receipt is on its way before the transaction that closes the send commits',
    variant: {
      porterStore: (store) => ({
        ...store,
        transaction: (work) =>
          store.transaction((tx) =>
            work({ ...tx, addReceipts: (writer, receipts) => store.alone.addReceipts(writer, receipts) }),
          ),
      }),
    },
  },
  {
    name: 'no-believed-at-once',
    what: 'a probe’s "no" counts before settleAfter is over',
    variant: {
      porterStore: (store) =>
        eachStatements(store, (tx) => ({
          ...tx,
          readSends: (sends) => tx.readSends(sends.map((send) => ({ ...send, settleAfterMs: 0 }))),
        })),
    },
  },
  {
    name: 'blind-resend',
    what: 'a create of class probe is sent again without asking',
    variant: {
      port: (port) => ({
        ...port,
        sender: { ...port.sender, probe: async () => ({ type: 'candidates', ours: [] }) },
      }),
    },
  },
  {
    name: 'sent-before-the-journal',
    what: 'what is sent is not journalled first',
    variant: {
      porterStore: (store) =>
        eachStatements(store, (tx) => ({
          ...tx,
          openIntents: (_, sends) => tx.lockClaims(sends.map(({ work }) => work)),
        })),
    },
  },
  {
    name: 'retry-overtakes',
    what: 'a send that waits for its retry does not hold up the later ones of its key',
    variant: {
      porterStore: (store, session) =>
        eachStatements(store, (tx) => ({
          ...tx,
          claimWork: async (consumers, holder, limit) => {
            const claimed = await tx.claimWork(consumers, holder, limit);
            const nowMs = Date.now();
            const more = await session.run('claim more', (rows) =>
              rows
                .all<WorkRow>(TABLE.work)
                .map(([id, row]) => ({ id, row }))
                .filter(({ row }) => row.state === 'ready' && row.claimedBy === null && row.notBefore <= nowMs)
                .slice(0, limit - claimed.length)
                .flatMap(({ id, row }) => {
                  if (!rows.tryLock(`${TABLE.work} ${id}`)) return [];
                  const claim = `claim-${rows.nextNumber('claim')}`;
                  const { name, incarnation } = holder;
                  const changed = { ...row, claimedBy: name, claimedIncarnation: incarnation, claim };
                  rows.put(TABLE.work, id, changed);
                  return [{ ...changed, document: row.document ?? undefined, stateHash: row.stateHash ?? undefined }];
                }),
            );
            return [...claimed, ...more];
          },
        })),
    },
  },
  {
    name: 'lease-without-end',
    what: 'a porter that was frozen writes on although another has taken its sends over',
    variant: { leaseEnds: false },
  },
  {
    name: 'take-over-forgets',
    what: 'what a dead porter had open is taken for not sent',
    variant: {
      porterStore: (store, session) =>
        eachStatements(store, (tx) => ({
          ...tx,
          intentsArrived: (of) =>
            session.run('forget intents', (rows) => {
              const its = rows
                .all<IntentRow>(TABLE.intent)
                .filter(([, { writer, state }]) => writer === of.name && state === 'open');
              for (const [id] of its) rows.delete(TABLE.intent, id);
              return its.length;
            }),
        })),
    },
  },
];
