import { postgresWorlds } from '../testing/postgres-world.js';
import { repairsContract } from './repairs.contract.js';

repairsContract('the porter’s repairs on PostgreSQL', postgresWorlds);
