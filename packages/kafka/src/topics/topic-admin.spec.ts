import { expect, it } from '@jest/globals';
import type { Admin } from 'kafkajs';
import type { AdminClient } from './admin-client.js';
import { TopicAdmin } from './topic-admin.js';

/** A cluster of so many brokers that has what it was told to create. */
function aCluster(brokers: number) {
  const created: { topic: string; replicationFactor: number; configEntries: unknown }[] = [];
  const admin = {
    listTopics: async () => [],
    describeCluster: async () => ({ brokers: Array.from({ length: brokers }) }),
    createTopics: async ({ topics }: { topics: typeof created }) => void created.push(...topics),
    fetchTopicMetadata: async () => ({
      topics: created.map(({ topic }) => ({ name: topic, partitions: [{ leader: 1 }, { leader: 1 }] })),
    }),
  } as unknown as Admin;
  const client = { call: (_: string, work: (of: Admin) => unknown) => work(admin) } as unknown as AdminClient;
  return { topics: new TopicAdmin(client), created };
}

it.each([
  [1, 1, '1'],
  [2, 2, '1'],
  [3, 3, '2'],
  [9, 3, '2'],
])(
  'on %i brokers a topic has %i copies, and %s of them have a record that is acknowledged',
  async (brokers, copies, insync) => {
    const { topics, created } = aCluster(brokers);
    await topics.createTopics([{ name: 't', partitions: 2 }]);
    expect(created).toMatchObject([
      { replicationFactor: copies, configEntries: [{ name: 'min.insync.replicas', value: insync }] },
    ]);
  },
);
