import type { Replayed } from '@banyan/sink';
import { describe, expect, it } from '@jest/globals';
import { Operations } from './operations.js';

/** A porter with one port per answer of a sink, and no sends. */
function porterOf(answers: readonly Replayed[]): Operations {
  const consumers = answers.map((answer, at) => ({
    name: `order.port-${at}`,
    sink: { replay: async () => answer },
    port: { entity: { name: 'order' }, definition: { name: `port-${at}` } },
  }));
  const store = { alone: { readyAgain: async () => 0 } };
  return new Operations({
    porter: { store: () => store, wake: () => undefined },
    consumers,
    known: [],
  } as never);
}

describe('a replay', () => {
  it('tells of all ports how much was let go and how much still stands, and why the first stopped', async () => {
    const error = { code: 'SINK_EVOLVE_FAILED', message: 'still so' };
    const answers = [
      { replayed: 1, waiting: 0 },
      { replayed: 0, waiting: 2, error },
    ];
    expect(await porterOf(answers).replay('order', 'k')).toEqual({ replayed: 1, waiting: 2, error });
    expect(await porterOf([{ replayed: 1, waiting: 0 }]).replay('order', 'k')).toEqual({ replayed: 1, waiting: 0 });
  });
});
