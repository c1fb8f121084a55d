import { BanyanError } from '@banyan/core';
import type { Control } from './control.js';

/** Follows, and resolves when everything that is in the log now is read; throws `CONTROL_UNAVAILABLE` (retryable) where that takes too long. */
export async function followWithin(control: Pick<Control, 'follow' | 'lastError'>, timeoutMs: number): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const why = control.lastError()?.message ?? `it was not read within ${timeoutMs} ms.`;
    reject(
      new BanyanError('CONTROL_UNAVAILABLE', `The control log cannot be read, so nothing is changed: ${why}`, {
        retryable: true,
        data: { timeoutMs },
        cause: control.lastError(),
      }),
    );
  }, timeoutMs);
  await Promise.race([control.follow(), late]).finally(() => clearTimeout(timer));
}
