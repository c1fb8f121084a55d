import { UnmappableRow } from '@banyan/transformer';
import { refused } from './answers.js';

/**
 * A number of legacy's in V2's exact form. Legacy would keep what V2 cannot: money with parts of a cent is refused. Throws
 * `LegacyRefused`. @param convert throws `UnmappableRow`
 */
export function exactly<T>(convert: () => T): T {
  try {
    return convert();
  } catch (error) {
    if (error instanceof UnmappableRow) {
      throw refused(`${error.column} ${JSON.stringify(error.value)} ${error.reason.split(';', 1)[0]}.`);
    }
    throw error;
  }
}
