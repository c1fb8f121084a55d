import { memoryWorlds } from '../testing/memory-world.js';
import { repairsContract } from './repairs.contract.js';

repairsContract('the porter’s repairs in memory', memoryWorlds);
