import { describe, expect, it } from '@jest/globals';
import { readConfig } from './config.js';

const good = { KAFKA_BROKERS: 'a:1,b:2', SCHEMA_REGISTRY_URL: 'http://r', V2_DATABASE_URL: 'postgres://p/d' };

describe('configuration', () => {
  it('has defaults for everything but the addresses', () => {
    expect(readConfig(good)).toEqual({
      ...good,
      KAFKA_BROKERS: ['a:1', 'b:2'],
      TOPIC_PREFIX: '',
      PORT: 4001,
      HOST: '127.0.0.1',
      LOG_LEVEL: 'info',
      INSTANCE_NAME: 'v2-projector-0',
      GROUP_SUFFIX: '',
      V2_POOL_MAX: 16,
    });
  });

  it('names every variable that is missing at once', () => {
    expect(() => readConfig({})).toThrow(/KAFKA_BROKERS.*SCHEMA_REGISTRY_URL.*V2_DATABASE_URL/);
    expect(() => readConfig({})).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });
});
