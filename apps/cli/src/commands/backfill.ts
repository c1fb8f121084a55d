import { newId } from '@banyan/core';
import { entities } from '@banyan/migration';
import {
  type BackfillPlan,
  type BackfillRun,
  BUCKETS,
  entitiesNamed,
  openCheckpoints,
  planBackfill,
  runBackfill,
} from '@banyan/operations';
import type { Command } from 'commander';
import { openBackfillImporter } from '../backfill-importer.js';
import { EXIT } from '../exit-codes.js';
import { wholeNumber } from '../numbers.js';
import { requireConfirmed, runCommand } from '../run-command.js';
import { table } from '../talk.js';

export function addBackfill(program: Command): void {
  const backfill = program.command('backfill').description('move the old data, without doubling anything');
  backfill
    .command('plan')
    .description(
      'read legacy, run the transformers, change nothing; prints counts, what cannot be mapped, and a plan hash',
    )
    .argument('[entities...]', 'which entities; all when left out')
    .option('--json', 'one JSON document')
    .action((names: string[], options: { json?: boolean }) =>
      runCommand(options, async ({ connections, talk }) => {
        const checkpoints = await openCheckpoints(connections.banyan, newId);
        const plan = await planBackfill(connections.bothSides(entitiesNamed(entities, names)), ({ entity, rows }) =>
          talk.progress(`${entity}: ${rows} rows read`),
        );
        await checkpoints.savePlan(plan);
        talk.data(plan, () => planText(plan));
        return EXIT.ok;
      }),
    );
  backfill
    .command('run')
    .description('carry a plan out, or go on where it was interrupted; repeatable')
    .requiredOption('--plan <hash>', 'the hash that `banyan backfill plan` printed')
    .option('--chunk <rows>', 'rows per chunk', wholeNumber(1, 5_000), 200)
    .option('--confirm <environment>', 'name of the environment, where it is not `local`')
    .option('--json', 'one JSON document')
    .action((options: RunOptions) =>
      runCommand(options, async ({ connections, talk, interrupted }) => {
        requireConfirmed(connections.config.ENVIRONMENT, options.confirm);
        const checkpoints = await openCheckpoints(connections.banyan, newId);
        const plan = await checkpoints.plan(options.plan);
        const planned = plan.entities.reduce((sum, { sourceRows }) => sum + sourceRows, 0);
        const importer = await openBackfillImporter(connections);
        const started = performance.now();
        let before = 0;
        let entity = '';
        let seen = 0;
        try {
          const run = await runBackfill(connections.bothSides(), plan, {
            checkpoints,
            importChunk: importer.importChunk,
            chunkRows: options.chunk,
            interrupted,
            onWait: (reason) => talk.say(`waiting: ${reason}`),
            onProgress: (books) => {
              if (books.entity !== entity) before += seen;
              entity = books.entity;
              seen = books.sourceRows;
              const done = before + seen;
              const rate = done / Math.max(0.001, (performance.now() - started) / 1000);
              const left = Math.max(0, Math.round((planned - done) / rate));
              talk.progress(`${entity}: ${done} of ${planned} rows, ${Math.round(rate)}/s, about ${left} s left`);
            },
          });
          talk.data(run, () => runText(run));
          return run.interrupted ? EXIT.interrupted : run.done ? EXIT.ok : EXIT.failure;
        } finally {
          await importer.close();
        }
      }),
    );
}

interface RunOptions {
  readonly plan: string;
  readonly chunk: number;
  readonly confirm?: string;
  readonly json?: boolean;
}

function planText({ hash, entities: all }: BackfillPlan): string {
  const rows = all.map(({ entity, sourceRows, known, invalid }) => [entity, sourceRows, known, invalid.length]);
  const reasons = all.flatMap(({ entity, invalid }) =>
    invalid
      .slice(0, 20)
      .map(
        ({ legacyId, column, value, reason }) => `${entity} ${legacyId}: ${column} ${JSON.stringify(value)}: ${reason}`,
      ),
  );
  return [
    table(['entity', 'source rows', 'known to V2', 'cannot be mapped'], rows),
    ...reasons,
    `plan ${hash}`,
    `to carry it out: banyan backfill run --plan ${hash}`,
  ].join('\n');
}

function runText({ books, vanished, notImported, done, interrupted, reason, plan }: BackfillRun): string {
  const rows = books.map(({ entity, sourceRows, buckets }) => [
    entity,
    sourceRows,
    ...BUCKETS.map((name) => buckets[name]),
  ]);
  const end = done
    ? 'done: the books balance'
    : interrupted
      ? `interrupted${reason === undefined ? '' : `: ${reason}`}; go on with: banyan backfill run --plan ${plan}`
      : `not done: rows are held or the books do not balance; look at \`banyan status\`, then run it again`;
  return [
    table(['entity', 'source rows', ...BUCKETS], rows),
    ...(vanished > 0 ? [`${vanished} rows are gone from legacy; that was imported`] : []),
    ...notImported.map(
      ({ entity, legacyId, bucket, reason }) => `${entity} ${legacyId}: ${bucket}${reason ? `: ${reason}` : ''}`,
    ),
    end,
  ].join('\n');
}
