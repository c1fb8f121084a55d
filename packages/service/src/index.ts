export { atMost } from './at-most.js';
export { compileConfig } from './compile-config.js';
export {
  commaList,
  httpUrl,
  integer,
  logFields,
  operatorToken,
  postgresUrl,
  serviceFields,
  transformersField,
} from './env-fields.js';
export { GiveUp, type Hopeless } from './give-up.js';
export { type HealthCheck, type HealthReport, type HealthResult, report } from './health/health-check.js';
export {
  HttpProblem,
  type HttpProblemOptions,
  type Problem,
  type ProblemAnswer,
  problemOf,
  SHELL_PROBLEMS,
} from './http/problem.js';
export { listenFailure } from './listen-failure.js';
export { type Log, logger } from './logger.js';
export {
  type ConsumerGaugeOptions,
  createConsumerGauge,
  createCounter,
  createGauge,
  createHistogram,
  type MetricOptions,
} from './metrics.js';
export { pause, type RetryOptions, retried } from './retried.js';
export { type AppOptions, BODY_LIMIT_BYTES, type RunningApp, runApp } from './run-app.js';
export { DRAIN_MS, runMain } from './run-main.js';
