import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { compileConfig, redacted } from './compile-config.js';
import { commaList, httpUrl, integer, logFields, postgresUrl, serviceFields } from './env-fields.js';

const schema = z.object({
  ...serviceFields({ app: 'some-app', port: 4000 }),
  ...logFields(),
  V2_DATABASE_URL: postgresUrl(),
  LEGACY_URL: httpUrl().optional(),
});
const env = {
  KAFKA_BROKERS: 'a:1, b:2',
  SCHEMA_REGISTRY_URL: 'http://registry/api',
  V2_DATABASE_URL: 'postgres://v2:secret@db:5432/v2',
};

describe('compileConfig', () => {
  it('gives typed values, with defaults for what is not set', () => {
    expect(compileConfig(schema, env)).toEqual({
      KAFKA_BROKERS: ['a:1', 'b:2'],
      SCHEMA_REGISTRY_URL: 'http://registry/api',
      V2_DATABASE_URL: env.V2_DATABASE_URL,
      TOPIC_PREFIX: '',
      PORT: 4000,
      HOST: '127.0.0.1',
      LOG_LEVEL: 'info',
      INSTANCE_NAME: 'some-app-0',
    });
  });

  it('lets 0 be set and counts an empty variable as not set', () => {
    expect(compileConfig(schema, { ...env, PORT: '0', LEGACY_URL: '' })).toMatchObject({ PORT: 0 });
  });

  it('tells all problems at once, and no value', () => {
    const broken = { KAFKA_BROKERS: ' , ', PORT: '70000', V2_DATABASE_URL: 'mysql://root:hunter2@db', LEGACY_URL: 'x' };
    expect(() => compileConfig(schema, broken)).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: expect.not.stringContaining('hunter2'),
        data: {
          problems: expect.arrayContaining(
            [
              'PORT',
              'KAFKA_BROKERS',
              'SCHEMA_REGISTRY_URL: is required and not set',
              'V2_DATABASE_URL',
              'LEGACY_URL',
            ].map((name) => expect.stringContaining(name)),
          ),
        },
      }),
    );
  });

  it('takes whole numbers only', () => {
    const one = z.object({ N: integer(-1, 5) });
    expect(compileConfig(one, { N: '-1' })).toEqual({ N: -1 });
    for (const bad of ['1.5', '1e3', '0x10', 'x', '6']) expect(() => compileConfig(one, { N: bad })).toThrow('N: ');
    expect(compileConfig(z.object({ L: commaList() }), { L: 'order' })).toEqual({ L: ['order'] });
  });
});

describe('redacted', () => {
  it('masks passwords in URLs and whatever is named like a secret', () => {
    expect(redacted({ URL: 'postgres://v2:hunter2@db/v2', API_TOKEN: 'hunter2', PORT: 1 })).toEqual({
      URL: 'postgres://v2:***@db/v2',
      API_TOKEN: '***',
      PORT: 1,
    });
  });
});
