import { differences } from '@banyan/compare';

/** Whether two JSON values are the same, however their fields are ordered; a field that is undefined is not there. */
export function equalJson(left: unknown, right: unknown): boolean {
  return differences(left, right).length === 0;
}

/** Whether two rows are the same but for the columns named: a probe's candidate has an id, what was sent has none yet. */
export function equalRows(left: object, right: object, options: { readonly except: readonly string[] }): boolean {
  const ignores = options.except.map((path) => ({ name: path, path }));
  return differences(left, right, { ignores }).length === 0;
}
