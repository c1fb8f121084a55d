import { describe, expect, it } from '@jest/globals';
import { type SendFacts, type StoredSend, sendReport } from './sends.js';

const send = (version: number, over: Partial<StoredSend> = {}): StoredSend => ({
  version,
  state: 'ready',
  errorCode: null,
  errorMessage: null,
  status: null,
  words: null,
  ...over,
});
const facts = (over: Partial<SendFacts> = {}): SendFacts => ({
  version: 3,
  takenIn: 3,
  off: false,
  legacyId: '10248',
  held: null,
  sends: [],
  discarded: null,
  ...over,
});
const GIVEN_UP = { by: 'ann', reason: 'a test' };
const refused = { state: 'parked', errorCode: 'PORTER_LEGACY_REJECTED', status: 400, words: 'no' } as const;

describe('sendReport', () => {
  it.each([
    ['ported when nothing of it is left to send', {}, { state: 'ported', legacyId: '10248' }],
    ['waiting before the intake has it', { takenIn: 2 }, { state: 'waiting' }],
    ['waiting when nobody knows its id', { version: undefined }, { state: 'waiting' }],
    [
      'never ported before the intake has it, whatever is done by then',
      { takenIn: 2, sends: [] },
      { state: 'waiting' },
    ],
    ['sending when it is due', { sends: [send(3)] }, { state: 'sending' }],
    ['sending behind earlier ones that are due', { sends: [send(2), send(3)] }, { state: 'sending' }],
    ['discarded while its key is unlike', { discarded: GIVEN_UP }, { state: 'discarded', message: 'ann: a test' }],
    ['discarded behind earlier ones that are due', { discarded: GIVEN_UP, sends: [send(2)] }, { state: 'discarded' }],
    [
      'sending when it was given up and is sent once more',
      { discarded: GIVEN_UP, sends: [send(3)] },
      { state: 'sending' },
    ],
    ['waiting for a link', { sends: [send(3, { state: 'waiting' })] }, { state: 'waiting' }],
    ['in doubt', { sends: [send(3, { state: 'in-doubt' })] }, { state: 'in-doubt' }],
    ['parked', { sends: [send(3, { state: 'parked', errorCode: 'PORTER_BYPASS' })] }, { errorCode: 'PORTER_BYPASS' }],
    ['refused, with legacy’s status and words', { sends: [send(3, refused)] }, { status: 400, words: 'no' }],
    ['parked by the intake', { held: { errorCode: 'X', errorMessage: 'm' } }, { state: 'parked', errorCode: 'X' }],
    ['port-off with a send that is kept', { off: true, sends: [send(3)] }, { state: 'port-off' }],
    ['port-off before the intake has it', { off: true, takenIn: 0 }, { state: 'port-off' }],
    ['ported, though the port is off, when it was done before', { off: true }, { state: 'ported' }],
  ] as const)('is %s', (_, over, expected) => {
    expect(sendReport(facts(over as Partial<SendFacts>))).toMatchObject(expected);
  });

  it('does not take the refusal of an earlier event for its own', () => {
    const report = sendReport(facts({ sends: [send(2, { ...refused, errorMessage: 'why' }), send(3)] }));
    expect(report).toMatchObject({ state: 'parked', message: 'It waits behind version 2: why' });
    expect(report).not.toHaveProperty('words');
  });
});
