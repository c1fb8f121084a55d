import { runMain } from '@banyan/service';
import { readConfig } from './config.js';
import { startProxy } from './proxy.js';

await runMain('legacy-api-proxy', () => startProxy(readConfig()));
