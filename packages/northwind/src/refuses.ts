/** The database's words for data that it does not take: the transaction is rolled back, and would be each time. */
const DECIDED =
  /^Database error: (.*\bviolates .*\bconstraint\b|.*\bout of range\b|value too long for type |invalid byte sequence )/;

/**
 * Northwind's API answers 500 with whatever its database says. Where that is about the data, legacy has decided; a deadlock, a
 * connection that broke or a time-out is no decision.
 */
export function refuses({ status, body }: { readonly status: number; readonly body: string }): boolean {
  return status === 500 && DECIDED.test(body);
}
