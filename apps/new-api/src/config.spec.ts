import { describe, expect, it } from '@jest/globals';
import { readConfig } from './config.js';

const required = {
  KAFKA_BROKERS: 'localhost:9092',
  SCHEMA_REGISTRY_URL: 'http://localhost:8081',
  V2_DATABASE_URL: 'postgres://localhost/v2',
  API_DATABASE_URL: 'postgres://localhost/v2',
};

describe('readConfig', () => {
  it('names every variable that is missing', () => {
    for (const name of Object.keys(required)) {
      expect(() => readConfig({})).toThrow(
        expect.objectContaining({ message: expect.stringContaining(`${name}: is required`) }),
      );
    }
  });
  it('tells all problems at once, those of several fields together too', () => {
    const broken = { PORT: 'x', LEGACY_URL: 'http://legacy', TRANSFORMERS: 'order,invoice' };
    for (const problem of [
      'PORT: must be',
      'KAFKA_BROKERS: is required',
      'TRANSFORMERS: names',
      'PORTER_URL: is required',
    ]) {
      expect(() => readConfig(broken)).toThrow(expect.objectContaining({ message: expect.stringContaining(problem) }));
    }
  });
  it('wants the porter where there is a legacy to adopt from', () => {
    expect(readConfig(required)).toMatchObject({ PORT: 4000, OUTCOME_DEADLINE_MS: 10_000 });
    expect(() => readConfig({ ...required, LEGACY_URL: 'http://legacy' })).toThrow(
      'PORTER_URL: is required with LEGACY_URL',
    );
  });
});
