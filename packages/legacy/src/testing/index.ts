export { InMemoryLegacy, type LegacyFault } from './in-memory-legacy.js';
export { allIds, legacyReaderContract, type ReaderUnderTest } from './legacy-reader.contract.js';
