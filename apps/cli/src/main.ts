import { Command } from 'commander';
import { addBackfill } from './commands/backfill.js';
import { addConsumers } from './commands/consumers.js';
import { addEntities } from './commands/entities.js';
import { addMismatches } from './commands/mismatches.js';
import { addParked } from './commands/parked.js';
import { addPorters } from './commands/porters.js';
import { addPorts } from './commands/ports.js';
import { addProvision } from './commands/provision.js';
import { addProxies } from './commands/proxies.js';
import { addReadiness } from './commands/readiness.js';
import { addRebuild } from './commands/rebuild.js';
import { addRestate } from './commands/restate.js';
import { addResyncs } from './commands/resyncs.js';
import { addRoutes } from './commands/routes.js';
import { addStatus } from './commands/status.js';
import { addTrace } from './commands/trace.js';
import { addVerify } from './commands/verify.js';
import { EXIT } from './exit-codes.js';

const program = new Command('banyan')
  .description('Moves a running business from a legacy system to a new one.')
  .showHelpAfterError('(banyan --help tells more)')
  .exitOverride((error) => process.exit(error.exitCode === 0 ? EXIT.ok : EXIT.usage))
  .addHelpText(
    'after',
    '\nexit codes: 0 ok, 1 failure, 2 usage, 3 differences found, 4 refused by a guard, 5 interrupted and resumable',
  );

const commands = [
  addStatus,
  addEntities,
  addRoutes,
  addPorts,
  addConsumers,
  addProxies,
  addPorters,
  addBackfill,
  addVerify,
  addMismatches,
  addParked,
  addRestate,
  addResyncs,
  addRebuild,
  addTrace,
  addReadiness,
  addProvision,
];
for (const add of commands) add(program);
await program.parseAsync();
