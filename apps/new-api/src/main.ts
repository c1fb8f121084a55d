import { runMain } from '@banyan/service';
import { readConfig } from './config.js';
import { startNewApi } from './start-new-api.js';

await runMain('new-api', () => startNewApi(readConfig()));
