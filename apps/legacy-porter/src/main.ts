import { runMain } from '@banyan/service';
import { readConfig } from './config.js';
import { startPorter } from './start-porter.js';

await runMain('legacy-porter', () => startPorter(readConfig()));
