export { createDatabase, dropDatabase } from './databases.js';
export { randomPrefix } from './random-prefix.js';
export { type TestStack, testStack } from './test-stack.js';
