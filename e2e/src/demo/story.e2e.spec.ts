import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testWorld } from '../testing/test-world.js';
import type { World } from '../world.js';
import { Checks } from './checks.js';
import { PATIENT, tellStory } from './story.js';
import { Storyteller } from './teller.js';

describe('the demo', () => {
  let world: World;

  beforeAll(async () => {
    world = await testWorld('story', { env: PATIENT, billing: true });
  }, 180_000);

  afterAll(() => world?.stop(), 60_000);

  it('tells the migration from its first step to its last, and every sentence holds', async () => {
    const checks = new Checks(() => undefined);
    await tellStory(new Storyteller({ world, checks, say: () => undefined }));
    expect(checks.failed).toEqual([]);
    expect(checks.all.length).toBeGreaterThan(60);
  }, 600_000);
});
