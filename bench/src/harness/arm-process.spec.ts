import { spawn } from 'node:child_process';
import { once } from 'node:events';
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

  it('goes with the process that measures, however that one ends', async () => {
    const harness = new URL('../../dist/harness/arm-process.js', import.meta.url).href;
    const measuring = `import { startArm } from '${harness}';
      const arm = startArm('codec/json', { measureMs: 600_000 });
      console.log(arm.pid);`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', measuring], { stdio: ['ignore', 'pipe', 2] });
    const [pid] = await once(parent.stdout as NodeJS.ReadableStream, 'data');
    parent.kill('SIGKILL');
    await gone(Number(pid));
  });
});

/** Resolves when there is no such process any more. */
async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
