import { sinkStoreContract } from './sink-store.contract.js';
import { postgresWorlds } from './testing/postgres-world.js';

sinkStoreContract('PostgresSinkStore', postgresWorlds);
