export interface BanyanErrorOptions {
  /** True when the same call may succeed later without anybody changing anything. */
  readonly retryable?: boolean;
  /** The values the message speaks of, for machines. */
  readonly data?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/**
 * Every error that Banyan raises on purpose: a code `<AREA>_<PROBLEM>` that is never reused, and a message that gives values
 * and a remedy. The codes are listed in docs/reference/errors.md.
 */
export class BanyanError extends Error {
  readonly code: string;
  readonly retryable: boolean;
  readonly data: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, options: BanyanErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'BanyanError';
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.data = options.data ?? {};
  }
}

export function isBanyanError(error: unknown): error is BanyanError {
  return error instanceof BanyanError;
}
