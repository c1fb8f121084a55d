import { newId, systemClock } from '@banyan/core';
import { createImporter, createPorterClient, followProjection, type Importer } from '@banyan/importing';
import { entities } from '@banyan/migration';
import type { ImportChunk } from '@banyan/operations';
import type { Connections } from './connections.js';

export interface BackfillImporter {
  readonly importChunk: ImportChunk;
  close(): Promise<void>;
}

/** The import protocol with origin `backfill`, over this command's connections. */
export async function openBackfillImporter(connections: Connections): Promise<BackfillImporter> {
  const { config, v2, codec } = connections;
  await codec.prepare();
  const appender = await connections.log.appender();
  const progress = followProjection({ pool: v2, url: config.V2_DATABASE_URL, applicationName: 'banyan-cli' });
  const porter = createPorterClient({ url: connections.porterUrl });
  const importers = new Map<string, Importer>();
  return {
    importChunk: async (entity, ids, read) => {
      const importer =
        importers.get(entity.name) ??
        createImporter({
          entity,
          entities,
          origin: 'backfill',
          source: 'banyan-cli',
          topicPrefix: config.TOPIC_PREFIX,
          log: appender,
          codec,
          pool: v2,
          progress,
          reader: connections.readerOf(entity),
          porter,
          newId,
          clock: systemClock,
        });
      importers.set(entity.name, importer);
      return importer.importChunk(
        ids.map((legacyId) => {
          const row = read?.rows.get(legacyId);
          return row === undefined ? { legacyId } : { legacyId, row };
        }),
      );
    },
    close: async () => {
      await progress.close();
      await appender.close(5_000);
    },
  };
}
