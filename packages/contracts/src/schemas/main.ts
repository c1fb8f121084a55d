/** `npm run schemas:<generate|check|release|register>`. Results go to stdout, talk to stderr. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { registryUrlFromEnvironment } from './config.js';
import { runSchemaTool } from './schema-tool.js';

const contracts = fileURLToPath(new URL('../../', import.meta.url));

process.exitCode = await runSchemaTool(process.argv[2], {
  schemas: join(contracts, '../../schemas'),
  generated: join(contracts, 'src/generated'),
  recorded: join(contracts, 'fixtures/recorded'),
  registryUrl: registryUrlFromEnvironment(),
  out: (line) => process.stdout.write(`${line}\n`),
  err: (line) => process.stderr.write(`${line}\n`),
});
