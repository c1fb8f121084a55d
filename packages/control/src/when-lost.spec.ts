import { BanyanError } from '@banyan/core';
import { describe, expect, it } from '@jest/globals';
import { whenLost } from './when-lost.js';

const lost = new BanyanError('CONTROL_LOST', 'restore it.', { data: { topic: 'control' } });

describe('an app whose control log is lost', () => {
  it.each([
    ['goes on by what it knows, and says what to do', true, [['CONTROL_LOST', 'restore it.']], []],
    ['ends where it knows nothing', false, [], [['the control log', lost]]],
  ] as const)('%s', (_, knew, said, gaveUp) => {
    const lines: unknown[] = [];
    const given: unknown[] = [];
    const log = { error: (fields: object, message: string) => lines.push([(fields as BanyanError).code, message]) };
    whenLost({ log, giveUp: (part, error) => given.push([part, error]) })(lost, knew);
    expect([lines, given]).toEqual([said, gaveUp]);
  });
});
