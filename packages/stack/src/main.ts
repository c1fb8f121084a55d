import { isBanyanError } from '@banyan/core';
import { startStack } from './start-stack.js';

/** Keeps a stack up until Ctrl-C. Talks on stderr; stdout is three lines for `export`. */
async function main(args: readonly string[]): Promise<void> {
  const stack = await startStack({
    say: (line) => console.error(line),
    ephemeral: args.includes('--ephemeral'),
  });
  console.error(stack.describe);
  console.log(`KAFKA_BROKERS=${stack.kafkaBrokers}`);
  console.log(`SCHEMA_REGISTRY_URL=${stack.schemaRegistryUrl}`);
  console.log(`DATABASE_URL=${stack.databaseUrl}`);
  console.error('Ctrl-C stops it.');
  // The stack's processes do not keep this one alive.
  setInterval(() => undefined, 2 ** 30);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(isBanyanError(error) ? `${error.code}: ${error.message}` : error);
  process.exit(1);
});
