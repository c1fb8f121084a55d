import { sinkContract } from './create-sink.contract.js';
import { postgresWorlds } from './testing/postgres-world.js';

sinkContract('a sink on PostgreSQL', postgresWorlds);
