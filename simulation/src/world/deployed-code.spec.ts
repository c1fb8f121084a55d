import { Random } from '@banyan/core/testing';
import { describe, expect, it } from '@jest/globals';
import { DeployedCode } from './deployed-code.js';
import { NOTES } from './world.js';

const CODES = Array.from({ length: 40 }, (_, seed) => new DeployedCode(new Random(seed + 1), false), false);
const PAYLOADS = Array.from({ length: 300 }, (_, at) => ({ word: `w${at}` }));

/** The payloads that it cannot take in. */
const failing = (code: DeployedCode) =>
  PAYLOADS.filter((data) => {
    try {
      code.mustTakeIn(data);
      return false;
    } catch {
      return true;
    }
  });

describe('code as it is deployed', () => {
  it('is whole in some worlds, and fails at some payloads in others, each time', () => {
    const whole = CODES.filter(({ isWhole }) => isWhole);
    expect(whole.flatMap(failing)).toEqual([]);
    const others = CODES.filter((code) => !whole.includes(code));
    expect([whole.length > 5, others.length > 5]).toEqual([true, true]);
    for (const code of others) expect(failing(code)).toEqual(failing(code));
    expect(others.some((code) => failing(code).length > 0)).toBe(true);
  });

  it('fails in the way that its bytes say, for every consumer, until it is mended', async () => {
    for (const code of CODES) {
      const undecodable = PAYLOADS.find((data) => code.poisonOfEvent(JSON.stringify(data)) === 'undecodable');
      if (undecodable === undefined) continue;
      const bytes = NOTES.encode('x', undecodable);
      await expect(code.codecOver(NOTES).decode('x', bytes)).rejects.toThrow('cannot be read');
      code.mend();
      expect(await code.codecOver(NOTES).decode('x', bytes)).toEqual(undecodable);
      expect([code.isWhole, failing(code)]).toEqual([true, []]);
    }
    expect.hasAssertions();
  });
});
