export { codecOver } from '../codec.js';
export type { Registry } from '../registry.js';
export { inMemoryCodec, inMemoryRegistry } from './in-memory-registry.js';
