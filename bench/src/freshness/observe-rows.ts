import { listen, type Pool } from '@banyan/postgres';

export interface RowObserver {
  /** Resolves with the moment (performance.now) in which a query has the row. */
  visible(id: string): Promise<number>;
  close(): Promise<void>;
}

/** Looks, as a reader would, whether rows of V2 are there: as soon as the projector says that something is, and when a row is first asked for. */
export async function observeRows(pool: Pool, url: string): Promise<RowObserver> {
  const waiting = new Map<string, (at: number) => void>();
  let looking = false;
  let again = false;
  const look = async (): Promise<void> => {
    if (looking || waiting.size === 0) {
      again = looking;
      return;
    }
    looking = true;
    try {
      const { rows } = await pool.query<{ id: string }>({
        name: 'visible',
        text: 'select id::text as id from v2.parcels where id = any($1::uuid[])',
        values: [[...waiting.keys()]],
      });
      const at = performance.now();
      for (const { id } of rows) {
        waiting.get(id)?.(at);
        waiting.delete(id);
      }
    } finally {
      looking = false;
    }
    if (!again) return;
    again = false;
    await look();
  };
  const connected = Promise.withResolvers<void>();
  const listener = listen({
    url,
    applicationName: 'bench',
    channel: 'v2_projected',
    onNotify: () => void look(),
    onConnect: () => connected.resolve(),
  });
  await connected.promise;
  return {
    visible: (id) =>
      new Promise((resolve) => {
        waiting.set(id, resolve);
        void look();
      }),
    close: () => listener.close(),
  };
}
