import type { Arena } from '../arena.js';
import type { Finding } from '../finding.js';

/** Looks for one way in which a promise may be broken, when all is at rest. Nothing found = it was kept. */
export type Check = (arena: Arena) => Promise<readonly Finding[]>;
