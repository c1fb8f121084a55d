import { repairsContract } from './repairs.contract.js';
import { memoryWorlds } from './testing/memory-world.js';

repairsContract('a sink in memory', memoryWorlds);
