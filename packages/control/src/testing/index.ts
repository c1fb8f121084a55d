export { type InMemoryControl, inMemoryControl } from './in-memory-control.js';
