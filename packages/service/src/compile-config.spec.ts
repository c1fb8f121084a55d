import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { compileConfig, redacted } from './compile-config.js';
import { commaList, httpUrl, integer, logFields, postgresUrl, serviceFields, transformersField } from './env-fields.js';

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

describe('transformersField', () => {
  const one = z.object(transformersField(['customer', 'order']));

  it('takes entities that are being migrated, each once, and names those there are', () => {
    expect(compileConfig(one, { TRANSFORMERS: 'order, customer' })).toEqual({ TRANSFORMERS: ['order', 'customer'] });
    expect(compileConfig(one, {})).toEqual({});
    expect(() => compileConfig(one, { TRANSFORMERS: 'order,invoice' })).toThrow('there are customer, order');
    expect(() => compileConfig(one, { TRANSFORMERS: 'order,order' })).toThrow('names an entity twice');
  });
});

describe('redacted', () => {
  it.each([
    ['postgres://v2:hunter2@db/v2', 'postgres://v2:***@db/v2'],
    ['postgres://v2:hunt@er2@db:5432/v2', 'postgres://v2:***@db:5432/v2'],
    ['https://hunter2@legacy', 'https://***@legacy'],
    ['postgres://db/v2?sslpassword=hunter2&application_name=x', 'postgres://db/v2?sslpassword=***&application_name=x'],
    ['http://legacy/a@b?c=d', 'http://legacy/a@b?c=d'],
    [
      ['a:1', 'kafka://u:hunter2@b'],
      ['a:1', 'kafka://u:***@b'],
    ],
    [7, 7],
  ])('masks %j', (value, masked) => {
    expect(redacted({ URL: value })).toEqual({ URL: masked });
  });

  it('masks whatever is named like a secret', () => {
    expect(redacted({ API_TOKEN: 'hunter2', BANYAN_API_PASSWORD: 'hunter2', APIKEY: 'x', PORT: 1 })).toEqual({
      API_TOKEN: '***',
      BANYAN_API_PASSWORD: '***',
      APIKEY: '***',
      PORT: 1,
    });
  });
});
