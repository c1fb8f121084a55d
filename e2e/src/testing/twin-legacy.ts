import { fileURLToPath } from 'node:url';
import { createDatabase, freePorts } from '@banyan/stack/testing';
import { ChildApp } from '../child-app.js';

const MAIN = fileURLToPath(new URL('../../../examples/legacy-northwind/dist/main.js', import.meta.url));

export interface TwinLegacy {
  readonly url: string;
  stop(): Promise<void>;
}

/** A second legacy system with the same data, that nobody migrates: what Northwind would have answered. */
export async function startTwinLegacy(databaseUrl: string, name: string): Promise<TwinLegacy> {
  const database = `${name.replace(/[^a-z0-9]/g, '_')}_twin`;
  const [port = 0, adminPort = 0] = await freePorts(2);
  const twin = new ChildApp({
    name: 'twin-legacy',
    main: MAIN,
    env: {
      LEGACY_DATABASE_URL: await createDatabase(databaseUrl, database),
      PORT: String(port),
      ADMIN_PORT: String(adminPort),
    },
  });
  await twin.start().catch(async (error: unknown) => {
    await twin.stop();
    throw error;
  });
  return { url: `http://127.0.0.1:${port}`, stop: async () => void (await twin.stop()) };
}
