export type { ProviderName, ServiceName, Stack, StackOptions, StackService } from './stack.js';
export { startStack } from './start-stack.js';
