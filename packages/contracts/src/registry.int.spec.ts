import { randomPrefix, testStack } from '@banyan/stack/testing';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { catalogue } from './catalogue.js';
import { createCodec } from './codec.js';
import type { EventType } from './event-type.js';
import { OrderShipped } from './generated/northwind.order.v1.js';
import { registerSchemas } from './register-schemas.js';
import { connectRegistry } from './registry.js';

/** The registry is shared: what must be new is registered under a namespace of its own. */
const namespace = `test_${randomPrefix()}.v1`;
const thing = (fields: readonly object[]): EventType => ({
  name: `${namespace}.Thing`,
  schema: { type: 'record', name: 'Thing', namespace, fields },
});
const text = { name: 'text', type: 'string' };
const more = { name: 'more', type: ['null', 'int'], default: null };

describe('with a real registry', () => {
  let registryUrl: string;
  beforeAll(async () => {
    registryUrl = (await testStack()).schemaRegistryUrl;
  }, 180_000);

  it('registers the whole catalogue, each type under its full name, and a repeat changes nothing', async () => {
    const first = await registerSchemas({ registryUrl });
    expect(first.map(({ subject }) => subject)).toEqual([...catalogue.keys()]);
    expect(await registerSchemas({ registryUrl })).toEqual(first);
  });

  it('lets several deployments register the same new subjects at the same moment', async () => {
    const types = Array.from({ length: 8 }, (_, number) => ({
      name: `${namespace}.At${number}`,
      schema: { type: 'record', name: `At${number}`, namespace, fields: [text] },
    }));
    const deployments = await Promise.all(Array.from({ length: 4 }, () => registerSchemas({ registryUrl, types })));
    for (const registered of deployments) expect(registered).toEqual(deployments[0]);
  });

  it('reads what it wrote', async () => {
    await registerSchemas({ registryUrl });
    const codec = createCodec({ registryUrl, types: [...catalogue.values()] });
    await codec.prepare();
    const value = codec.encode(OrderShipped.name, { shippedOn: '1996-07-16', shipperId: 3 });
    const reader = createCodec({ registryUrl, types: [OrderShipped] });
    expect(await reader.decode(OrderShipped.name, value)).toEqual({ shippedOn: '1996-07-16', shipperId: 3 });
  });

  it('refuses to start on a schema that is not registered, also where an older one of its subject is', async () => {
    const codec = createCodec({ registryUrl, types: [thing([text])] });
    await expect(codec.prepare()).rejects.toMatchObject({ code: 'CONTRACTS_SCHEMA_UNREGISTERED' });
    await registerSchemas({ registryUrl, types: [thing([text])] });
    await codec.prepare();
    const newer = createCodec({ registryUrl, types: [thing([text, more])] });
    await expect(newer.prepare()).rejects.toMatchObject({ code: 'CONTRACTS_SCHEMA_UNREGISTERED' });
  });

  it('lets old and new code read each other through the registry', async () => {
    await registerSchemas({ registryUrl, types: [thing([text])] });
    await registerSchemas({ registryUrl, types: [thing([text, more])] });
    const older = createCodec({ registryUrl, types: [thing([text])] });
    const newer = createCodec({ registryUrl, types: [thing([text, more])] });
    await Promise.all([older.prepare(), newer.prepare()]);
    const name = thing([]).name;
    expect(await newer.decode(name, older.encode(name, { text: 'ä' }))).toEqual({ text: 'ä', more: null });
    expect(await older.decode(name, newer.encode(name, { text: 'ä', more: 1 }))).toEqual({ text: 'ä' });
  });

  it('refuses what is not FULL_TRANSITIVE, and names the remedy', async () => {
    await registerSchemas({ registryUrl, types: [thing([text])] });
    const incompatible = { registryUrl, types: [thing([text, { name: 'must', type: 'string' }])] };
    await expect(registerSchemas(incompatible)).rejects.toMatchObject({ code: 'CONTRACTS_SCHEMA_REFUSED' });
    await expect(registerSchemas(incompatible)).rejects.toThrow('schemas:check');
  });

  it('calls an id that nobody registered poison', async () => {
    const codec = createCodec({ registryUrl, types: [OrderShipped] });
    const value = Buffer.from([0, 0x7f, 0xff, 0xff, 0xff, 0]);
    await expect(codec.decode(OrderShipped.name, value)).rejects.toMatchObject({
      code: 'CONTRACTS_UNDECODABLE',
      retryable: false,
    });
  });

  it('takes a wrong path at the registry’s host for a registry that is away', async () => {
    const registry = connectRegistry({ registryUrl: `${new URL(registryUrl).origin}/nowhere` });
    await expect(registry.schemaOf(1)).rejects.toMatchObject({ code: 'CONTRACTS_REGISTRY_DOWN', retryable: true });
  });
});
