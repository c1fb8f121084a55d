import { readConfig as readPorterConfig, startPorter } from '@banyan/legacy-porter';
import { readConfig as readApiConfig, startNewApi } from '@banyan/new-api';
import { readConfig as readProjectorConfig, startProjector } from '@banyan/v2-projector';
import type { Arm, ArmTools } from '../harness/arm.js';
import { lookedAtParcel, parcel } from '../parcels/parcel.js';
import { type AppendWay, appendBy } from './append-ways.js';

// The apps as they are, for parcels, each in a process of its own, until they are told to stop. CPU seconds count from `begin`, which
// the measuring process may call again.

export interface AppInput {
  /** The app's environment variables. */
  readonly env: Readonly<Record<string, string>>;
}

export interface NewApiInput extends AppInput {
  readonly append: AppendWay;
}

export const newApi: Arm<NewApiInput> = async ({ env, append }, tools) => {
  await appendBy(append, env.KAFKA_BROKERS ?? '');
  return untilStopped(tools, await startNewApi(readApiConfig(env), [parcel]));
};

export const projector: Arm<AppInput> = async ({ env }, tools) => {
  tools.begin();
  return untilStopped(tools, await startProjector(readProjectorConfig(env), [parcel]));
};

export interface PorterAppInput extends AppInput {
  /** It looks at each row before it writes it, as where legacy has no If-Match. */
  readonly looks?: boolean;
}

export const porter: Arm<PorterAppInput> = async ({ env, looks }, tools) => {
  tools.begin();
  return untilStopped(tools, await startPorter(readPorterConfig(env), [looks ? lookedAtParcel : parcel]));
};

/** Schema `v2` as the projector makes it, and nothing more. */
export const prepareV2: Arm<AppInput> = async ({ env }) => {
  const app = await startProjector(readProjectorConfig(env), [parcel]);
  await app.projector.begun();
  await app.close();
  return {};
};

async function untilStopped(
  tools: ArmTools,
  app: { readonly url: string; close(): Promise<void> },
): Promise<Readonly<Record<string, number>>> {
  tools.ready({ url: app.url });
  await tools.stopped();
  const cpuSeconds = tools.cpuSeconds();
  await app.close();
  return { cpuSeconds };
}
