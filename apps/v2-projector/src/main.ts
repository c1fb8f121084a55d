import { runMain } from '@banyan/service';
import { readConfig } from './config.js';
import { startProjector } from './start-projector.js';

await runMain('v2-projector', () => startProjector(readConfig()));
