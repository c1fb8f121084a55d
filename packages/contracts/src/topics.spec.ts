import { describe, expect, it } from '@jest/globals';
import { topicName, topicSpecs } from './topics.js';

describe('topicSpecs', () => {
  it('plans the topics of the entities and Banyan’s own, prefixed, kept for ever', () => {
    const specs = topicSpecs('qa_', ['northwind.order.v1']);
    expect(specs.map(({ name, partitions }) => [name, partitions])).toEqual([
      ['qa_northwind.order.v1', 12],
      ['qa_banyan.receipts.v1', 12],
      ['qa_banyan.control.v1', 1],
      ['qa_banyan.mismatches.v1', 12],
    ]);
    for (const { config } of specs) expect(config).toMatchObject({ 'retention.ms': '-1', 'cleanup.policy': 'delete' });
  });
});

describe('topicName', () => {
  it('adds the prefix as it is', () => {
    expect(topicName('', 'banyan.control.v1')).toBe('banyan.control.v1');
    expect(topicName('qa_', 'banyan.control.v1')).toBe('qa_banyan.control.v1');
  });
});
