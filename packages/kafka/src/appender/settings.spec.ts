import { TOPIC_PARTITIONS } from '@banyan/contracts';
import { expect, it } from '@jest/globals';
import { REQUEST_TIMEOUT_MS } from '../kafkajs/client.js';
import { DEFAULT_SETTINGS } from './settings.js';

it('the watchdog outlasts the turns of all partitions: a shorter one only makes duplicates', () => {
  expect(DEFAULT_SETTINGS.watchdogMs).toBeGreaterThan(TOPIC_PARTITIONS * REQUEST_TIMEOUT_MS);
});

it('the largest record fits into a batch that a broker takes by default', () => {
  expect(DEFAULT_SETTINGS.maxRecordBytes).toBeLessThan(1_048_588);
  expect(DEFAULT_SETTINGS.maxBatchBytes).toBeLessThan(1_048_588);
});
