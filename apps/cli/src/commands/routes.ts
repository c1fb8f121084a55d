import { entities } from '@banyan/migration';
import { explainRoute, historyOf, listRoutes, type RouteExplained, setRoute } from '@banyan/operations';
import type { Command } from 'commander';
import { EXIT } from '../exit-codes.js';
import { requireConfirmed, runCommand } from '../run-command.js';
import { table } from '../talk.js';

export function addRoutes(program: Command): void {
  const routes = program.command('routes').description("who answers legacy's routes");
  routes
    .command('list')
    .description("legacy's routes and their modes; write routes move by entity")
    .option('--json', 'one JSON document')
    .action((options: { json?: boolean }) =>
      runCommand(options, async ({ connections, talk }) => {
        const all = listRoutes({ control: await connections.control(), entities });
        const rows = all.map(({ route, kind, method, path, mode, by, since }) => [
          route,
          kind,
          `${method} ${path}`,
          mode,
          by ?? '-',
          since ?? '-',
        ]);
        talk.data(all, () => table(['route', 'kind', 'request', 'mode', 'by', 'since'], rows));
        return EXIT.ok;
      }),
    );
  routes
    .command('set')
    .description('set who answers a read route: legacy, shadow, new, gone')
    .argument('<route>', 'order.one')
    .argument('<mode>')
    .option('--reason <words>', 'why; it stands in the history')
    .option('--confirm <environment>', 'name of the environment, where it is not `local`')
    .option('--json', 'one JSON document')
    .action((route: string, mode: string, options: { json?: boolean; reason?: string; confirm?: string }) =>
      runCommand(options, async ({ connections, talk }) => {
        requireConfirmed(connections.config.ENVIRONMENT, options.confirm);
        await setRoute(await connections.controlSides(options), route, mode);
        talk.data({ route, mode }, () => `${route} is ${mode}`);
        return EXIT.ok;
      }),
    );
  routes
    .command('explain')
    .description('why a route is answered as it is, and what stands in the way of V2')
    .argument('<route>', 'order.one')
    .option('--json', 'one JSON document')
    .action((route: string, options: { json?: boolean }) =>
      runCommand(options, async ({ connections, talk }) => {
        const explained = await explainRoute(await connections.controlSides(), route);
        talk.data(explained, () => explainedText(explained));
        return EXIT.ok;
      }),
    );
  routes
    .command('history')
    .description('what was decided, by whom, why, and what was refused')
    .argument('[name]', 'a route, an entity, a port or a proxy; everything when left out')
    .option('--json', 'one JSON document')
    .action((name: string | undefined, options: { json?: boolean }) =>
      runCommand(options, async ({ connections, talk }) => {
        const all = historyOf({ control: await connections.control() }, name);
        const rows = all.map(({ at, subject, type, by, reason, accepted, why }) => [
          at,
          subject,
          type,
          by,
          accepted ? 'accepted' : `refused: ${why}`,
          reason ?? '',
        ]);
        talk.data(all, () => table(['at', 'about', 'what', 'by', 'outcome', 'reason'], rows));
        return EXIT.ok;
      }),
    );
}

function explainedText({ route, method, path, mode, by, since, writes, epoch, evidence, may }: RouteExplained): string {
  return [
    `${route} (${method} ${path}) is ${mode}${by === null ? ', as nobody set it' : `, set by ${by} at ${since}`}`,
    `writes are ${writes} in epoch ${epoch}`,
    `backfill begun in this epoch: ${evidence.backfilledAt ?? 'none is done'}; verified since: ${evidence.verdict ?? 'no'}`,
    ...Object.entries(may).map(([to, answer]) => `may go to ${to}: ${answer}`),
  ].join('\n');
}
