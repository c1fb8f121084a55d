import { postgresWorlds } from '../../testing/postgres-world.js';
import { porterStoreContract } from '../porter-store.contract.js';

porterStoreContract('the porter’s store in PostgreSQL', postgresWorlds);
