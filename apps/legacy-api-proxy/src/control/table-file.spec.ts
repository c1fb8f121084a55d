import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NOTHING_CONTROLLED } from '@banyan/control';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { tableFile } from './table-file.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'banyan-table-'));
});

afterEach(() => rm(folder, { recursive: true }));

describe('the table on the disk', () => {
  it('leaves nothing beside it when it cannot be replaced', async () => {
    const path = join(folder, 'table.json');
    // No file can be put in the place of a folder that is not empty.
    await mkdir(join(path, 'in-the-way'), { recursive: true });
    const file = tableFile({ path, environment: 'test', onUnreadable: () => undefined });
    for (let saves = 0; saves < 3; saves += 1) {
      await expect(file.save({ state: NOTHING_CONTROLLED, left: false })).rejects.toThrow();
    }
    expect(await readdir(folder)).toEqual(['table.json']);
    await rm(path, { recursive: true });
    await file.save({ state: NOTHING_CONTROLLED, left: false });
    expect(await file.load()).toEqual({ state: NOTHING_CONTROLLED, left: false });
    expect(await readdir(folder)).toEqual(['table.json']);
  });
});
