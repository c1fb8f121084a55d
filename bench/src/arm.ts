import type { Arm, ArmTools, FromArm, ToArm } from './harness/arm.js';
import { UsageMeter } from './harness/usage.js';

// A process of its own for one run of one arm. It ends with the process that measures, however that one ends.

// biome-ignore lint/suspicious/noExplicitAny: each arm knows its own input
type AnyArm = Arm<any>;

const ARMS: Readonly<Record<string, () => Promise<AnyArm>>> = {
  'codec/ours': async () => (await import('./codec/arms.js')).ours,
  'codec/registry-client': async () => (await import('./baselines/registry-client.js')).registryClient,
  'codec/json': async () => (await import('./codec/arms.js')).json,
  'projector/ours': async () => (await import('./projector/ours.js')).ours,
  'projector/by-hand': async () => (await import('./baselines/kafkajs-projectors.js')).byHand,
  'projector/naive': async () => (await import('./baselines/kafkajs-projectors.js')).naive,
  'projector/memory': async () => (await import('./baselines/memory-projector.js')).memory,
  'porter/partitions': async () => (await import('./baselines/kafkajs-porter.js')).partitions,
  'app/new-api': async () => (await import('./apps/apps.js')).newApi,
  'app/v2-projector': async () => (await import('./apps/apps.js')).projector,
  'app/legacy-porter': async () => (await import('./apps/apps.js')).porter,
  'app/prepare-v2': async () => (await import('./apps/apps.js')).prepareV2,
  'freshness/pair': async () => (await import('./baselines/produce-consume.js')).barePair,
};

const meter = new UsageMeter();
const stop = Promise.withResolvers<void>();
const tell = (message: FromArm): Promise<void> =>
  new Promise((resolve) => {
    if (process.connected) process.send?.(message, () => resolve());
    else resolve();
  });

const tools: ArmTools = {
  begin: () => meter.begin(),
  cpuSeconds: () => meter.read().cpuSeconds,
  ready: (info) => void tell({ ready: info }),
  stopped: () => stop.promise,
};

async function run(name: string, input: unknown): Promise<void> {
  try {
    const arm = await ARMS[name]?.();
    if (arm === undefined) throw new Error(`there is no arm ${name}`);
    const measured = await arm(input, tools);
    const { cpuSeconds, peakRssMb } = meter.read();
    await tell({ done: { cpuSeconds, peakRssMb, ...measured } });
    process.exit(0);
  } catch (error) {
    await tell({ failed: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    process.exit(1);
  }
}

process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
// From a terminal it comes to all processes; the measuring one says what becomes of this.
process.on('SIGINT', () => undefined);
process.on('message', (message: ToArm) => {
  if ('begin' in message) meter.begin();
  else if ('stop' in message) stop.resolve();
  else void run(message.arm, message.input);
});
