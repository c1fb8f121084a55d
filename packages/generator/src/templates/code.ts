import type { EntityModel, Field } from '../entity-model.js';

export function lines<T>(all: readonly T[], line: (one: T) => string): string {
  return all.map(line).join('\n');
}

const NOTHING = '\u0000';

/** A line that a template has only sometimes; without it the whole line goes. */
export function where(condition: boolean, line: string): string {
  return condition ? line : NOTHING;
}

/** A template as it is written: lines of `where` that have nothing are gone. */
export function finished(template: string): string {
  return template.replace(new RegExp(`^[ \\t]*${NOTHING}[ \\t]*\\n`, 'gm'), '').trimStart();
}

export function eventModule({ domain, entity }: EntityModel): string {
  return `@banyan/contracts/events/${domain}.${entity}.v1`;
}

/** The event types that its commands and its imports make, in the order of an entity's life. */
export function eventList({ Entity }: EntityModel): string {
  return ['Added', 'Changed', 'Removed', 'Imported', 'Vanished'].map((fact) => `${Entity}${fact}`).join(', ');
}

/** Names in the order of an import, each once. */
export function namesOf(names: readonly (string | undefined)[]): string {
  const found = new Set(names.filter((name) => name !== undefined));
  return [...found].sort((a, b) => (bare(a) < bare(b) ? -1 : 1)).join(', ');
}

function bare(name: string): string {
  return name.replace(/^type /, '');
}

/** `companyName: 'company name',` of each field. */
export function values(fields: readonly Field[], by: 'name' | 'field', value: (field: Field) => string): string {
  return lines(fields, (field) => `${field[by]}: ${value(field)},`);
}
