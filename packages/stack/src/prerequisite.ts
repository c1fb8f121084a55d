import { BanyanError, isBanyanError } from '@banyan/core';

/**
 * One sentence: what is missing, and the two ways to get a stack.
 * @param missing e.g. `Java was not found`
 */
function prerequisiteMissing(missing: string, cause?: unknown): BanyanError {
  return new BanyanError(
    'STACK_PREREQUISITE_MISSING',
    `No local stack: ${missing}; either start Docker, or install Java 17 or newer together with Maven.`,
    { data: { missing }, cause },
  );
}

function isPrerequisiteMissing(error: unknown): error is BanyanError {
  return isBanyanError(error) && error.code === 'STACK_PREREQUISITE_MISSING';
}

export { isPrerequisiteMissing, prerequisiteMissing };
