export { type Difference, type DifferencesOptions, differences, type Ignore } from './differences.js';
export { rowHash } from './row-hash.js';
