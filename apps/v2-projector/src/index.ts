export { type ProjectorConfig, readConfig } from './config.js';
export { type RunningProjector, startProjector } from './start-projector.js';
