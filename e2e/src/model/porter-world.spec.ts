import { tell } from '@banyan/core/testing';
import { describe, expect, it } from '@jest/globals';
import { explorePorter, type Size, type Without } from './porter-world.js';

const ONE_CREATE: Size = { events: 1, faults: 1, imports: false, job: false };

describe('one key, its porter with deaths and take-overs, a legacy that answers late, and an importer', () => {
  it.each<Size>([
    { events: 1, faults: 2, imports: true, job: false },
    { events: 2, faults: 1, imports: false, job: true },
    { events: 3, faults: 1, imports: false, job: false },
    { events: 2, faults: 1, imports: true, job: false, compares: true },
    { events: 2, faults: 2, imports: false, job: true, compares: true },
    { events: 3, faults: 1, imports: false, job: true, compares: true },
  ])('end with one row, one entity and one state in both stores: %o', async (size) => {
    const explored = await explorePorter(size);
    tell(`porter ${JSON.stringify(size)}`, explored);
    expect(explored.violation).toBeUndefined();
    expect(explored.atRest).toBeGreaterThan(0);
  });

  it.each<[history: string, without: Without, size: Size, what: string]>([
    ['the probe says no while the first request is only late', 'settleAfter', ONE_CREATE, 'legacy has the row twice'],
    [
      'a late change is carried out behind the next one',
      'settleAfter',
      { ...ONE_CREATE, events: 3, created: true },
      'legacy has another state than V2',
    ],
    [
      'a send is closed and its link comes with the receipt',
      'link with the close',
      { ...ONE_CREATE, faults: 0, imports: true },
      'one row is two entities',
    ],
    [
      'an importer does not ask for open sends',
      'intents',
      { ...ONE_CREATE, faults: 0, imports: true },
      'one row is two entities',
    ],
    [
      'an importer looks for the link first, and the send closes in between',
      'links behind intents',
      { ...ONE_CREATE, faults: 0, imports: true },
      'one row is two entities',
    ],
    ['a create is sent before its intent is written', 'journal first', ONE_CREATE, 'legacy has the row twice'],
    ['an unclear create is sent again unasked', 'ask first', ONE_CREATE, 'legacy has the row twice'],
    [
      'a change is sent over whatever is there',
      'compare-and-set',
      { events: 2, faults: 0, imports: false, job: true },
      'what somebody wrote in legacy is covered',
    ],
    [
      'somebody writes between the look and the change, where legacy says that it compares and does not',
      'If-Match',
      { events: 2, faults: 0, imports: false, job: true, compares: true },
      'what somebody wrote in legacy is covered',
    ],
    [
      'the row is another one than was ported, and the change is sent under its ETag',
      'compare-and-set',
      { events: 2, faults: 0, imports: false, job: true, compares: true },
      'what somebody wrote in legacy is covered',
    ],
    ['a frozen process writes when it thaws', 'lease', ONE_CREATE, 'legacy has the row twice'],
  ])('do not where %s', async (_history, without, size, what) => {
    expect((await explorePorter(size, without)).violation?.what).toBe(what);
    expect((await explorePorter(size)).violation).toBeUndefined();
  });
});
