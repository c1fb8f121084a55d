import { entities } from '@banyan/migration';
import {
  type EntityModes,
  entityNamed,
  listEntities,
  type MovePlan,
  moveWrites,
  openEntity,
  planMove,
  setWritesGone,
} from '@banyan/operations';
import { type Command, InvalidArgumentError } from 'commander';
import { EXIT } from '../exit-codes.js';
import { seconds } from '../numbers.js';
import { type CommandContext, requireConfirmed, runCommand } from '../run-command.js';
import { table } from '../talk.js';

export function addEntities(program: Command): void {
  const group = program.command('entities').description('who writes an entity: legacy, or V2 first');
  group
    .command('list')
    .description('write modes, epochs, and moves that are open')
    .option('--json', 'one JSON document')
    .action((options: { json?: boolean }) =>
      runCommand(options, async ({ connections, talk }) => {
        const all = listEntities({ control: await connections.control(), entities });
        talk.data(all, () => asText(all));
        return EXIT.ok;
      }),
    );
  group
    .command('open')
    .description('open an entity for native writes: from then on direct writes ask first who owns the row')
    .argument('<entity>')
    .option('--reason <words>', 'why; it stands in the history')
    .option('--confirm <environment>', 'name of the environment, where it is not `local`')
    .option('--json', 'one JSON document')
    .action((name: string, options: ChangeOptions) =>
      runCommand(options, async ({ connections, talk }) => {
        requireConfirmed(connections.config.ENVIRONMENT, options.confirm);
        const sides = await connections.controlSides(options);
        const { already } = await openEntity(sides, entityNamed(entities, name));
        talk.data({ entity: name, opened: true, already }, () => `${name} is open${already ? ' already' : ''}`);
        return EXIT.ok;
      }),
    );
  group
    .command('authority')
    .description('move the writes of an entity, or go on with its open move, or give it up')
    .argument('<entity>')
    .option('--to <mode>', '`new`: V2 first; `legacy`: back; `gone`: nobody, from `new`', writeMode)
    .option('--abort', 'undo the open move, as long as its marker is not written')
    .option('--dry-run', 'say what would move, what is at stake, what going back takes; change nothing')
    .option('--patience <seconds>', 'how long each wait may take before the command ends, resumable', seconds, 30)
    .option('--reason <words>', 'why; it stands in the history')
    .option('--confirm <environment>', 'name of the environment, where it is not `local`')
    .option('--json', 'one JSON document')
    .action((name: string, options: AuthorityOptions) =>
      runCommand(options, (context) => authority(context, name, options)),
    );
}

interface ChangeOptions {
  readonly reason?: string;
  readonly confirm?: string;
  readonly json?: boolean;
}

interface AuthorityOptions extends ChangeOptions {
  readonly to?: 'new' | 'legacy' | 'gone';
  readonly abort?: boolean;
  readonly dryRun?: boolean;
  readonly patience: number;
}

async function authority(context: CommandContext, name: string, options: AuthorityOptions): Promise<number> {
  const { connections, talk, interrupted } = context;
  const goal = options.abort === true ? 'abort' : options.to;
  if (goal === undefined || (options.abort === true && options.to !== undefined)) {
    talk.say('say either --to new, --to legacy, --to gone, or --abort');
    return EXIT.usage;
  }
  const entity = entityNamed(entities, name);
  const sides = await connections.controlSides(options);
  if (goal !== 'gone' && options.dryRun === true) {
    const plan = await planMove(sides, entity, goal);
    talk.data(plan, () => planText(plan));
    return plan.possible ? EXIT.ok : EXIT.refused;
  }
  if (options.dryRun === true) {
    talk.data({ entity: name, goal }, () => `legacy's write routes of ${name} would answer 410; back with --to new`);
    return EXIT.ok;
  }
  requireConfirmed(connections.config.ENVIRONMENT, options.confirm);
  const writeModeNow = listEntities(sides).find((one) => one.entity === name)?.writeMode;
  if (goal === 'gone' || (goal === 'new' && writeModeNow === 'gone')) {
    await setWritesGone(sides, entity, goal === 'gone');
    talk.data({ entity: name, outcome: 'moved', writes: goal }, () => `writes of ${name} are ${goal}`);
    return EXIT.ok;
  }
  const result = await moveWrites(sides, entity, {
    goal,
    patienceMs: options.patience * 1_000,
    interrupted,
    onStep: (words) => talk.say(words),
  });
  const { outcome, waitsFor } = result;
  const words = outcome === 'nothing-open' ? 'no move is open, so there is nothing to abort' : outcome;
  talk.data(result, () => `${name}: ${words}; writes are ${result.entity.writeMode} in epoch ${result.entity.epoch}`);
  if (outcome === 'open') {
    const again = goal === 'abort' ? '--abort' : `--to ${goal}`;
    if (waitsFor.length > 0) talk.say(`it waits for ${waitsFor.join(', ')}`);
    talk.say(`the move is open; go on with: banyan entities authority ${name} ${again}`);
    return EXIT.interrupted;
  }
  const wanted = goal === 'abort' ? outcome !== 'moved' : outcome === 'moved' || outcome === 'there';
  return wanted ? EXIT.ok : EXIT.refused;
}

function writeMode(text: string): string {
  if (text === 'new' || text === 'legacy' || text === 'gone') return text;
  throw new InvalidArgumentError('new, legacy or gone');
}

function asText(all: readonly EntityModes[]): string {
  const rows = all.map(({ entity, opened, writeMode: writes, epoch, share, move }) => [
    entity,
    writes,
    share,
    epoch,
    opened ? 'yes' : 'no',
    move === undefined
      ? '-'
      : `${move.direction}, ${move.step}, epoch ${move.epoch}, by ${move.by} at ${move.at}; prepared: ${move.prepared.join(', ') || '(none)'}`,
  ]);
  return table(['entity', 'writes', 'share', 'epoch', 'opened', 'move'], rows);
}

function planText(plan: MovePlan): string {
  const owned = Object.entries(plan.keys).map(([owner, keys]) => `${owner} ${keys}`);
  return [
    `${plan.entity}: writes are ${plan.writes} in epoch ${plan.epoch}`,
    `next: ${plan.next}`,
    `steps left: ${plan.steps.join(' -> ') || '(none)'}`,
    `proxies that have to prepare: ${plan.proxies.join(', ') || '(none is registered)'}`,
    `keys in V2 by owner: ${owned.join(', ') || '(none)'}`,
    ...plan.notes,
  ].join('\n');
}
