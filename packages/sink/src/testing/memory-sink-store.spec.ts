import { sinkStoreContract } from '../sink-store.contract.js';
import { memoryWorlds } from './memory-world.js';

sinkStoreContract('MemorySinkStore', memoryWorlds);
