export { freePorts } from '../ports.js';
export { createDatabase, dropDatabase } from './databases.js';
export {
  type Caught,
  commit,
  FaultyLink,
  httpRequest,
  type LostAnswers,
  produce,
  produceBy,
  type Request,
  type Resets,
  type Snare,
  type Wire,
} from './faulty-link.js';
export { type ArmedFault, type ProduceFault, ProduceFaults } from './produce-faults.js';
export { randomPrefix } from './random-prefix.js';
export { SqlSnares, type SqlStatement } from './sql-snares.js';
export { type TestStack, testStack } from './test-stack.js';
export { type Ended, fatalOf, type LogLine, untilItEnds } from './until-it-ends.js';
