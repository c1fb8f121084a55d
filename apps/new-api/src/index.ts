export { type NewApiConfig, readConfig } from './config.js';
export { API_PROBLEMS, type ApiProblemCode } from './problems.js';
export { startNewApi } from './start-new-api.js';
