import { entities } from '@banyan/migration';
import { entitiesNamed, recordVerification, type Verification, verificationBegins, verify } from '@banyan/operations';
import type { Command } from 'commander';
import { EXIT } from '../exit-codes.js';
import { seconds } from '../numbers.js';
import { runCommand } from '../run-command.js';
import { table } from '../talk.js';

export function addVerify(program: Command): void {
  program
    .command('verify')
    .description('compare legacy and V2 row by row; exit code 3 when something differs')
    .argument('[entities...]', 'which entities; all when left out')
    .option('--settle <seconds>', 'how long to wait for consumers before a difference is looked at again', seconds, 60)
    .option('--json', 'one JSON document')
    .action((names: string[], options: { json?: boolean; settle: number }) =>
      runCommand(options, async ({ connections, talk }) => {
        const sides = connections.bothSides(entitiesNamed(entities, names));
        const startedAt = await verificationBegins(connections.banyan);
        const result = await verify(sides, {
          settleTimeoutMs: options.settle * 1_000,
          onProgress: ({ entity, compared }) => talk.progress(`${entity}: ${compared} rows compared`),
        });
        await recordVerification(connections.banyan, startedAt, result);
        talk.data(result, () => asText(result));
        return { identical: EXIT.ok, different: EXIT.differences, incomplete: EXIT.failure }[result.verdict];
      }),
    );
}

function asText({ verdict, entities: all, reason }: Verification): string {
  const rows = all.map((one) => [
    one.entity,
    one.legacyRows,
    one.v2Rows,
    one.compared,
    one.differing + one.notLookedAt,
  ]);
  const lines = all.flatMap(({ differences }) =>
    differences.slice(0, 20).map(({ entity, key, legacyId, kind, details }) => {
      const where = details.map(
        ({ path, legacy, v2 }) => `${path}: ${JSON.stringify(legacy)} in legacy, ${JSON.stringify(v2)} in V2`,
      );
      return `${entity} ${legacyId ?? '(no legacy id)'} ${key}: ${kind}${where.length > 0 ? `; ${where.join('; ')}` : ''}`;
    }),
  );
  const counts = table(['entity', 'in legacy', 'in V2', 'compared', 'different'], rows);
  return [counts, ...lines, `${verdict}${reason === undefined ? '' : `: ${reason}`}`].join('\n');
}
