import { sinkContract } from './create-sink.contract.js';
import { memoryWorlds } from './testing/memory-world.js';

sinkContract('a sink in memory', memoryWorlds);
