import { repairsContract } from './repairs.contract.js';
import { postgresWorlds } from './testing/postgres-world.js';

repairsContract('a sink on PostgreSQL', postgresWorlds);
