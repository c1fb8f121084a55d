import type { PorterStatements, Work } from '@banyan/legacy-porter/testing';
import type { MemoryTx } from '@banyan/postgres/testing';
import { type SinkStore, type Tally, tallyOf } from '@banyan/sink';
import { CLOSED, type ClosedInMemory } from '@banyan/sink/testing';
import { type Bug, eachStatements, eachTx } from './bug.js';

/** What people give up, and what is made good of it. */
export const BUGS_OF_REPAIRING: readonly Bug[] = [
  {
    name: 'discard-leaves-no-mark',
    what: 'a key of which something was given up is not called unlike',
    variant: { sinkStore: (store) => eachTx(store, (tx) => ({ ...tx, markUnlike: async () => undefined })) },
  },
  {
    name: 'discard-beside-the-books',
    what: 'what is given up is counted with the next slice, not in the transaction that gives it up',
    variant: { sinkStore: countLater },
  },
  {
    name: 'discard-without-a-receipt',
    what: 'nobody who waits for an event hears that it was given up',
    variant: {
      porterStore: (store) =>
        eachStatements(store, (tx) => ({
          ...tx,
          addReceipts: (writer, receipts) =>
            tx.addReceipts(
              writer,
              receipts.filter(({ body }) => body.outcome !== 'discarded'),
            ),
        })),
    },
  },
  {
    name: 'closed-bytes-lost',
    what: 'what is closed is kept without its bytes',
    variant: { sinkStore: (store) => eachTx(store, (tx) => ({ ...tx, closeParked: closingWithoutBytes(tx) })) },
  },
  {
    name: 'given-up-import-forgotten',
    what: 'of an import that was given up it is forgotten which row of legacy it read',
    variant: { remembers: false },
  },
  {
    name: 're-port-covers',
    what: 'a re-port writes its row without a look at what legacy has',
    variant: {
      porterStore: (store) =>
        eachStatements(store, (tx) => ({
          ...tx,
          readSends: async (sends) => {
            const read = await tx.readSends(sends);
            return read.map((one, at) => {
              const { legacyId = '', ported } = one;
              const isAgain = (sends[at]?.work as Partial<Work> | undefined)?.rePort === 'added';
              if (!isAgain || ported === undefined) {
                believed.delete(legacyId);
                return one;
              }
              believed.add(legacyId);
              return { ...one, ported: { ...ported, hash: AS_BELIEVED } };
            });
          },
        })),
      port: (port) => ({
        ...port,
        sender: {
          ...port.sender,
          look: async (legacyId) => {
            const look = await port.sender.look(legacyId);
            const isBelieved = look.type === 'row' && believed.has(legacyId);
            return isBelieved ? { ...look, seen: { ...look.seen, hash: AS_BELIEVED } } : look;
          },
        },
      }),
    },
  },
  {
    name: 're-port-decided-when-asked',
    what: 'whether a re-port makes a row or changes one is said when it is asked for, not when it is sent',
    variant: { porterStore: (store) => eachStatements(store, asTheyWereAsked) },
  },
  {
    name: 're-port-of-legacys-keys',
    what: 'a re-port takes keys that went back to legacy for those of V2',
    variant: {
      porterStore: (store) => eachStatements(store, (tx) => ({ ...tx, handbackOf: async () => 0 })),
    },
  },
  {
    name: 'resync-leaves-the-version',
    what: 'it is not noted which version of the code made what was made anew',
    variant: { sinkStore: (store) => eachTx(store, (tx) => ({ ...tx, saveResynced: async () => undefined })) },
  },
  {
    name: 'turns-unlike',
    what: 'writes go back although something of V2 was given up that legacy does not have',
    variant: {
      movePorts: (ports) => ({
        ...ports,
        unsettled: async (fence) => (await ports.unsettled(fence)).filter((what) => !what.endsWith('is unlike')),
      }),
    },
  },
];

/** Legacy ids of rows that a re-port believes to be as they were. */
const believed = new Set<string>();
const AS_BELIEVED = 'as believed';

function countLater(store: SinkStore<MemoryTx>): SinkStore<MemoryTx> {
  const later = new Map<number, Tally>();
  return eachTx(store, (tx) => ({
    ...tx,
    notifyPosition: async (partition, next, tally = tallyOf({})) => {
      const { applied, discarded } = later.get(partition) ?? tallyOf({});
      const sum = { applied: tally.applied + applied, discarded: tally.discarded + discarded };
      const isDiscard = tally.discarded > 0 && tally.effective === 0;
      if (isDiscard) later.set(partition, { ...tally, ...sum });
      else later.delete(partition);
      await tx.notifyPosition(partition, next, isDiscard ? undefined : { ...tally, ...sum });
    },
  }));
}

function closingWithoutBytes(
  tx: Parameters<Parameters<SinkStore<MemoryTx>['transaction']>[0]>[0],
): typeof tx.closeParked {
  return async (closings) => {
    const closed = await tx.closeParked(closings);
    if (closed > 0) {
      await tx.handle.run('lose bytes', (rows) => {
        for (const [id, row] of rows.all<ClosedInMemory>(CLOSED)) rows.put(CLOSED, id, { ...row, value: null });
      });
    }
    return closed;
  };
}

function asTheyWereAsked(tx: PorterStatements): PorterStatements {
  return {
    ...tx,
    addRePorts: async (work) => {
      for (const { key, version, operation } of work) asked.set(`${key} ${version}`, operation);
      await tx.addRePorts(work);
    },
    claimWork: async (consumers, holder, limit) => {
      const claimed = await tx.claimWork(consumers, holder, limit);
      return claimed.map((work) => {
        const operation = asked.get(`${work.key} ${work.version}`);
        return work.rePort === 'added' && operation !== undefined ? { ...work, operation } : work;
      });
    },
  };
}

/** What a re-port was asked to do. */
const asked = new Map<string, 'create' | 'update' | 'delete'>();
