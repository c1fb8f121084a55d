import { type Stack, startStack } from '@banyan/stack';

const started = new Set<Stack>();

/** A Kafka, a registry and a PostgreSQL of this bench's own, with new data that is written as in production, by a broker that is compiled as there. */
export async function benchStack(say: (line: string) => void): Promise<Stack> {
  const stack = await startStack({ ephemeral: true, durable: true, longRunning: true, exitOnSignal: false, say });
  started.add(stack);
  return {
    ...stack,
    kafkaBrokers: stack.kafkaBrokers,
    schemaRegistryUrl: stack.schemaRegistryUrl,
    databaseUrl: stack.databaseUrl,
    stop: async () => {
      started.delete(stack);
      await stack.stop();
    },
  };
}

/** For the end of this process. */
export async function stopStacks(): Promise<void> {
  await Promise.all([...started].map((stack) => stack.stop()));
}
