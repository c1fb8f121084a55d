import {
  type ControlSides,
  cancelResync,
  type ResyncAsked,
  type ResyncPlan,
  rePorting,
  reprojection,
  requestResync,
} from '@banyan/operations';
import type { Command } from 'commander';
import { EXIT } from '../exit-codes.js';
import { requireConfirmed, runCommand } from '../run-command.js';

/** Both ways to make anew what is made of states. */
export function addResyncs(program: Command): void {
  program
    .command('reproject')
    .description("make V2's rows anew from their states, beside the live traffic; `banyan status` shows how far it is")
    .argument('<entity>', 'order')
    .option('--key <id>', 'only of this entity: its V2 id')
    .option('--unlike', 'only of keys that are unlike')
    .option('--older', 'only rows that an earlier version of the entity made')
    .option('--cancel', 'call off what is under way; what was made anew stays so')
    .option('--reason <words>', 'why; it stands in the history and in `banyan status`')
    .option('--dry-run', 'say what would be asked for; change nothing')
    .option('--confirm <environment>', 'name of the environment, where it is not `local`')
    .option('--json', 'one JSON document')
    .action((entity: string, options: ResyncOptions) =>
      resync(options, (sides) => reprojection(sides, entity, options)),
    );
  program
    .command('re-port')
    .description("send legacy the whole state once more; never over somebody else's row, and not what it has already")
    .argument('<port>', 'order.backend')
    .option('--key <id>', 'only of this entity: its V2 id')
    .option('--unlike', 'only of keys that are unlike')
    .option('--cancel', 'call off what is under way; what is due already is sent')
    .option('--reason <words>', 'why; it stands in the history and in `banyan status`')
    .option('--dry-run', 'say what would be asked for; change nothing')
    .option('--confirm <environment>', 'name of the environment, where it is not `local`')
    .option('--json', 'one JSON document')
    .action((port: string, options: ResyncOptions) => resync(options, (sides) => rePorting(sides, port, options)));
}

interface ResyncOptions extends ResyncAsked {
  readonly cancel?: boolean;
  readonly reason?: string;
  readonly dryRun?: boolean;
  readonly confirm?: string;
  readonly json?: boolean;
}

function resync(options: ResyncOptions, planned: (sides: ControlSides) => Promise<ResyncPlan>): Promise<void> {
  return runCommand(options, async ({ connections, talk }) => {
    const dryRun = options.dryRun === true;
    if (!dryRun) requireConfirmed(connections.config.ENVIRONMENT, options.confirm);
    const sides = await connections.controlSides(options);
    const plan = await planned(sides);
    if (dryRun) {
      talk.data({ ...plan, requested: false }, () => `${inWords(plan)} would be made anew${held(plan)}`);
    } else if (options.cancel === true) {
      await cancelResync(sides, plan.consumer);
      talk.data({ consumer: plan.consumer, cancelled: true }, () => `${plan.consumer}: called off`);
    } else {
      const { request } = await requestResync(sides, plan);
      talk.data(
        { ...plan, requested: true, request },
        () => `${inWords(plan)}: asked for${held(plan)}; banyan status shows how far it is`,
      );
    }
    return EXIT.ok;
  });
}

function inWords({ consumer, key, unlike, olderThan, unlikeKeys }: ResyncPlan): string {
  const which = [
    key === null ? 'every key' : `key ${key}`,
    ...(unlike ? [`that is unlike (${unlikeKeys ?? '?'} are)`] : []),
    ...(olderThan === null ? [] : [`made by a version below ${olderThan}`]),
  ];
  return `${consumer}: ${which.join(' ')}`;
}

function held({ consumer, paused }: ResyncPlan): string {
  return paused ? `, once the consumer goes on (banyan consumers resume ${consumer})` : '';
}
