import { testStack } from '@banyan/stack/testing';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { portContract } from '../testing/port.contract.js';
import { httpPort, sqlPort } from '../testing/ports-under-test.js';

beforeAll(testStack, 180_000);

describe.each([
  ['probe, over HTTP', () => httpPort('probe')],
  ['idempotent, over HTTP', () => httpPort('idempotent')],
  ['probe, over HTTP with If-Match', () => httpPort('probe', 'if-match')],
  ['idempotent, over HTTP with If-Match', () => httpPort('idempotent', 'if-match')],
  ['transactional, over SQL', sqlPort],
])('a port of class %s', (_, setUp) => {
  for (const { rule, check } of portContract(setUp, expect)) it(rule, check);
});
