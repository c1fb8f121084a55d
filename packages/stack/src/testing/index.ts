export { freePorts } from '../ports.js';
export { createDatabase, dropDatabase } from './databases.js';
export { commit, FaultyLink, httpRequest, type LostAnswers, produce, type Request } from './faulty-link.js';
export { randomPrefix } from './random-prefix.js';
export { type TestStack, testStack } from './test-stack.js';
