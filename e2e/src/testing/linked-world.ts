import { type Stack, startStack } from '@banyan/stack';
import { FaultyLink, freePorts, SqlSnares } from '@banyan/stack/testing';
import type { World } from '../world.js';
import { type TestWorldOptions, testWorld } from './test-world.js';

/** The ways between the parts, each of which can be broken. */
export interface Links {
  /** All processes to Kafka. */
  readonly kafka: FaultyLink;
  /** All processes to PostgreSQL, legacy with them. */
  readonly postgres: FaultyLink;
  /** Porter, proxy, new API and CLI to legacy. */
  readonly legacy: FaultyLink;
  /** The proxy to the new API. */
  readonly apiOfProxy: FaultyLink;
  /** Callers to the new API. */
  readonly api: FaultyLink;
  /** Callers to the proxy. */
  readonly proxy: FaultyLink;
  /** New API, proxy and CLI to the porter. */
  readonly porter: FaultyLink;
}

export interface LinkedWorld {
  readonly stack: Stack;
  readonly world: World;
  readonly links: Links;
  /** Of the link to PostgreSQL. */
  readonly statements: SqlSnares;
  /** The same address past the link: no fault touches who looks there. */
  direct(databaseUrl: string): string;
  /** Where callers come in, through the links. */
  readonly urls: { readonly api: string; readonly proxy: string };
  stop(): Promise<void>;
}

/** A world on a stack of its own, with a link that can be broken before each part. */
export async function linkedWorld(about: string, more: Pick<TestWorldOptions, 'onEnd'> = {}): Promise<LinkedWorld> {
  const kafka = await FaultyLink.to();
  const stack = await startStack({ ephemeral: true, own: true, kafkaLinkPort: kafka.port });
  kafka.leadTo(stack.kafkaBrokers);
  const ports = await portsOf(['legacy', 'legacy-porter', 'new-api', 'legacy-api-proxy'] as const);
  const to = (port: number) => FaultyLink.to(`http://127.0.0.1:${port}`);
  const statements = new SqlSnares();
  const links: Links = {
    kafka,
    postgres: await FaultyLink.to(stack.databaseUrl, statements.wire),
    legacy: await to(ports.legacy),
    apiOfProxy: await to(ports['new-api']),
    api: await to(ports['new-api']),
    proxy: await to(ports['legacy-api-proxy']),
    porter: await to(ports['legacy-porter']),
  };
  await Promise.all(Object.values(links).map((link: FaultyLink) => link.up()));
  const through = (link: FaultyLink) => link.through('http://127.0.0.1:0');
  const LEGACY_URL = through(links.legacy);
  const PORTER_URL = through(links.porter);
  const stop = async () => {
    await Promise.all(Object.values(links).map((link: FaultyLink) => link.down()));
    await stack.stop();
  };
  try {
    const world = await testWorld(about, {
      ...more,
      ports,
      env: {
        'new-api': { LEGACY_URL, PORTER_URL },
        'legacy-porter': { LEGACY_URL },
        'legacy-api-proxy': { LEGACY_URL, PORTER_URL, NEW_API_URL: through(links.apiOfProxy) },
      },
      stack: {
        kafkaBrokers: links.kafka.through(stack.kafkaBrokers),
        schemaRegistryUrl: stack.schemaRegistryUrl,
        databaseUrl: links.postgres.through(stack.databaseUrl),
      },
    });
    return {
      stack,
      world,
      links,
      statements,
      direct: (databaseUrl) => {
        const past = new URL(databaseUrl);
        past.host = new URL(stack.databaseUrl).host;
        return past.href;
      },
      urls: { api: through(links.api), proxy: through(links.proxy) },
      stop: async () => {
        await world.stop();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function portsOf<N extends string>(names: readonly N[]): Promise<Record<N, number>> {
  const free = await freePorts(names.length);
  return Object.fromEntries(names.map((name, index) => [name, free[index] ?? 0])) as Record<N, number>;
}
