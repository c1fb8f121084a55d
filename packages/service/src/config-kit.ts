/** Configuration alone, for programs that are not apps: nothing of Nest is loaded. */
export { compileConfig, redacted } from './compile-config.js';
export { commaList, httpUrl, integer, logFields, operatorToken, postgresUrl } from './env-fields.js';
