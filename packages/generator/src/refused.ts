import { BanyanError } from '@banyan/core';

/** What cannot be generated, and why: everything at once. Nothing was written. */
export function refused(problems: readonly string[]): BanyanError {
  return new BanyanError('GENERATOR_REFUSED', problems.join('\n'), { data: { problems } });
}
