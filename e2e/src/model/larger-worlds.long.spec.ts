import { type Explored, tell } from '@banyan/core/testing';
import { expect, it } from '@jest/globals';
import { type Size as Authority, exploreAuthority } from './authority-world.js';
import { exploreImporters } from './importers.js';
import { explorePorter } from './porter-world.js';
import { exploreTwoWriters } from './two-writers.js';

const FORWARD: Authority = {
  goals: ['new'],
  begin: 'legacy',
  proxies: 1,
  direct: true,
  native: 'to come',
  backfills: 0,
};

/** The worlds of the other specs beside this one, each with one actor or fault more. */
it.each<[string, () => Promise<Explored>]>([
  [
    'two writers, each tried three times',
    () => exploreTwoWriters({ writers: 2, importers: 0, faults: 1, ring: 1, tries: 3 }),
  ],
  ['two changes in legacy', () => exploreImporters(['change', 'change'], 1)],
  ['a change and a delete in legacy', () => exploreImporters(['change', 'delete'], 1)],
  [
    'a porter with three faults, and an import',
    () => explorePorter({ events: 1, faults: 3, imports: true, job: false }),
  ],
  ['a porter with two faults, and a job', () => explorePorter({ events: 2, faults: 2, imports: false, job: true })],
  ['writes move forward, and are captured', () => exploreAuthority({ ...FORWARD, inStep: true })],
])(
  'nothing goes wrong in a larger world: %s',
  async (name, search) => {
    const explored = await search();
    tell(name, explored);
    expect(explored.violation).toBeUndefined();
    expect(explored.atRest).toBeGreaterThan(0);
  },
  300_000,
);
