import { describe, expect, it } from '@jest/globals';
import type { ParkedKey } from './parked.js';
import { waysOn } from './ways-on.js';

const KEY = '01a20000-0000-7000-8000-000000000001';
const REPLAY = `banyan parked replay order ${KEY}`;
const SEND = `legacy-porter.order.backend ${KEY} --reason …`;

describe('the ways on', () => {
  const one = {
    app: 'legacy-porter',
    consumer: 'order.backend',
    entity: 'order',
    key: KEY,
    kind: 'send',
  } as ParkedKey;

  it.each<[string, Partial<ParkedKey>, readonly string[]]>([
    [
      'of a state',
      { kind: 'state', app: 'v2-projector', consumer: 'order' },
      [REPLAY, `banyan restate order ${KEY} --from <file> --reason …`],
    ],
    [
      'of an effect',
      { kind: 'effect', app: 'v2-projector', consumer: 'order' },
      [REPLAY, `banyan parked discard v2-projector.order ${KEY} --reason …`],
    ],
    ['of a refused send', {}, [REPLAY, `banyan parked discard ${SEND}`]],
    [
      'of one in doubt',
      { kind: 'in-doubt', writer: null },
      [REPLAY, `banyan parked settle ${SEND} --arrived-as <its id> | --not-arrived`],
    ],
    ['of one that a silent porter was sending', { kind: 'in-doubt', writer: 'p-2' }, ['banyan porters forget p-2']],
    [
      'of one that waits',
      { kind: 'waiting', waitsFor: [{ entity: 'customer', key: 'c' }] },
      ['banyan parked show customer c'],
    ],
    ['of an unlike row of legacy', { kind: 'unlike' }, [`banyan re-port order.backend --key ${KEY}`]],
    [
      'of unlike rows of V2',
      { kind: 'unlike', app: 'v2-projector', consumer: 'order' },
      [`banyan reproject order --key ${KEY}`],
    ],
    ['of an invalid event', { kind: 'invalid', key: null }, []],
  ])('%s are commands', (_, over, commands) => {
    const told = (environment: string) => waysOn({ ...one, ...over }, environment).map(({ command }) => command);
    expect(told('local')).toEqual(commands);
    expect(told('production')).toEqual(
      commands.map((command) => (command.includes(' show ') ? command : `${command} --confirm production`)),
    );
  });
});
