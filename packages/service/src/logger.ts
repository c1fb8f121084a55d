import { type Logger, pino } from 'pino';

/** One JSON line per entry on stdout. */
export type Log = Pick<Logger, 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'>;

const REDACTED = ['req.headers.authorization', 'req.headers.cookie', 'req.headers["proxy-authorization"]'];

/** The process's root logger. Written synchronously: the last line before an exit must not be lost. */
export const rootLogger: Logger = pino(
  { base: null, redact: REDACTED, serializers: { err: pino.stdSerializers.err, error: pino.stdSerializers.err } },
  pino.destination({ fd: 1, sync: true }),
);

/** A logger for one part of an app; `name` is in every line. */
export function logger(name: string): Log {
  const known = loggers.get(name);
  if (known !== undefined) return known;
  const made = rootLogger.child({ name });
  loggers.set(name, made);
  return made;
}

/** Sets the level of all loggers, those already handed out included. */
export function setLogLevel(level: string): void {
  rootLogger.level = level;
  for (const each of loggers.values()) each.level = level;
}

/** Writes whatever the level: the lines that other programs wait for. */
export function announce(name: string, fields: object, message: string): void {
  rootLogger.child({ name }, { level: 'info' }).info(fields, message);
}

const loggers = new Map<string, Logger>();
