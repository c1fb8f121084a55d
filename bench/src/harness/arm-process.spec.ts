import { describe, expect, it } from '@jest/globals';
import { killArms, startArm } from './arm-process.js';

describe('an arm in a process of its own', () => {
  it('tells what it measured, its CPU seconds and its memory', async () => {
    const measures = await startArm('codec/json', { measureMs: 5 }).done;
    expect(measures.encodesPerCpuSecond).toBeGreaterThan(0);
    expect(measures.cpuSeconds).toBeGreaterThan(0);
    expect(measures.peakRssMb).toBeGreaterThan(10);
  });

  it('fails with the words of its error', async () => {
    await expect(startArm('nobody', {}).done).rejects.toMatchObject({
      code: 'BENCH_ARM_FAILED',
      message: expect.stringContaining('there is no arm nobody'),
    });
  });

  it('is gone after a kill, and has no figures', async () => {
    const arm = startArm('codec/json', { measureMs: 600_000 });
    await killArms();
    await expect(arm.done).rejects.toThrow('it ended with SIGKILL and no result');
  });
});
