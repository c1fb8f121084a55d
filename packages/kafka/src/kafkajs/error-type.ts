/** The broker's word for an error (`NOT_LEADER_FOR_PARTITION`, …), wherever kafkajs wrapped it; undefined when the broker said none. */
export function errorType(error: unknown): string | undefined {
  let at: unknown = error;
  for (let depth = 0; depth < 10 && typeof at === 'object' && at !== null; depth++) {
    if ('type' in at && typeof at.type === 'string') return at.type;
    if ('errors' in at && Array.isArray(at.errors) && at.errors.length > 0) at = at.errors[0];
    else if ('originalError' in at && at.originalError !== undefined) at = at.originalError;
    else at = 'cause' in at ? at.cause : undefined;
  }
  return undefined;
}
