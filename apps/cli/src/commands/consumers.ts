import { entities } from '@banyan/migration';
import { type ConsumerChange, type ConsumerSetting, changeConsumer, listConsumers } from '@banyan/operations';
import { type Command, InvalidArgumentError } from 'commander';
import { EXIT } from '../exit-codes.js';
import { wholeNumber } from '../numbers.js';
import { requireConfirmed, runCommand } from '../run-command.js';
import { table } from '../talk.js';

export function addConsumers(program: Command): void {
  const consumers = program
    .command('consumers')
    .description('who follows the log: hold one, let it go on, let it send more or less');
  consumers
    .command('list')
    .description('every consumer, who holds it, since when and why')
    .option('--json', 'one JSON document')
    .action((options: { json?: boolean }) =>
      runCommand(options, async ({ connections, talk }) => {
        const all = listConsumers({ control: await connections.control(), entities });
        talk.data(all, () => asText(all));
        return EXIT.ok;
      }),
    );
  consumers
    .command('pause')
    .description('handle nothing further, in every process, also behind restarts; a port sends nothing either')
    .argument('<consumer>', 'v2-projector.order, legacy-porter.order.backend')
    .option('--reason <words>', 'why; it stands in the history and in `banyan status`')
    .option('--dry-run', 'say whether it may be, and how it would be then; change nothing')
    .option('--confirm <environment>', 'name of the environment, where it is not `local`')
    .option('--json', 'one JSON document')
    .action((consumer: string, options: ChangeOptions) => change(consumer, { to: 'paused' }, options));
  consumers
    .command('resume')
    .description('go on where it stands')
    .argument('<consumer>', 'v2-projector.order, legacy-porter.order.backend')
    .option('--reason <words>', 'why; it stands in the history and in `banyan status`')
    .option('--dry-run', 'say whether it may be, and how it would be then; change nothing')
    .option('--confirm <environment>', 'name of the environment, where it is not `local`')
    .option('--json', 'one JSON document')
    .action((consumer: string, options: ChangeOptions) => change(consumer, { to: 'running' }, options));
  consumers
    .command('concurrency')
    .description('how many sends a port may have in flight, in each process')
    .argument('<consumer>', 'legacy-porter.order.backend')
    .argument('<sends>', '1 to 1000, or `default`: what each process was started with', sendsOrDefault)
    .option('--reason <words>', 'why; it stands in the history and in `banyan status`')
    .option('--dry-run', 'say whether it may be, and how it would be then; change nothing')
    .option('--confirm <environment>', 'name of the environment, where it is not `local`')
    .option('--json', 'one JSON document')
    .action((consumer: string, sends: number | null, options: ChangeOptions) =>
      change(consumer, { to: 'sends', sends }, options),
    );
}

interface ChangeOptions {
  readonly reason?: string;
  readonly dryRun?: boolean;
  readonly confirm?: string;
  readonly json?: boolean;
}

function change(name: string, to: ConsumerChange, options: ChangeOptions): Promise<void> {
  return runCommand(options, async ({ connections, talk }) => {
    const dryRun = options.dryRun === true;
    if (!dryRun) requireConfirmed(connections.config.ENVIRONMENT, options.confirm);
    const is = await changeConsumer(await connections.controlSides(options), name, to, { dryRun });
    talk.data({ ...is, changed: !dryRun }, () => `${name} ${dryRun ? 'would be' : 'is'} ${inWords(is, to)}`);
    return EXIT.ok;
  });
}

function inWords({ sends }: ConsumerSetting, { to }: ConsumerChange): string {
  if (to === 'paused') return 'paused; what is being handled just now ends first: `banyan status` says when it stands';
  if (to === 'running') return 'running';
  return sends === null
    ? 'back at what each process was started with'
    : `at ${sends} sends in flight at most, in each process`;
}

function asText(all: readonly ConsumerSetting[]): string {
  const rows = all.map(({ consumer, paused, sends }) => [
    consumer,
    paused === null ? 'runs' : 'paused',
    paused?.by ?? '-',
    paused?.at ?? '-',
    paused?.reason ?? '-',
    sends ?? '-',
  ]);
  return table(['consumer', 'is', 'by', 'since', 'why', 'sends'], rows);
}

const number = wholeNumber(1, 1_000);

function sendsOrDefault(text: string): number | null {
  if (text === 'default') return null;
  try {
    return number(text);
  } catch {
    throw new InvalidArgumentError('a whole number from 1 to 1000, or default');
  }
}
