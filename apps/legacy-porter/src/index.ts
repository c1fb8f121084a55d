export { type PorterConfig, readConfig } from './config.js';
export { type RunningPorter, startPorter } from './start-porter.js';
