import { BanyanError } from '@banyan/core';
import type { Type } from 'avsc';

export interface Fault {
  /** `lines.0.unitPrice.cents`; '' = the data itself. */
  readonly path: string;
  readonly problem: string;
}

/** @throws `CONTRACTS_INVALID_DATA` with every fault in `data.faults`, not only the first */
export function assertValid(avro: Type, typeName: string, data: unknown): void {
  const faults: Fault[] = [];
  avro.isValid(data, {
    noUndeclaredFields: true,
    errorHook: (path, value, type) => faults.push(...faultsAt(path.join('.'), value, type)),
  });
  if (faults.length === 0) findBrokenText(data, '', faults);
  if (faults.length === 0) return;
  const list = faults.map(({ path, problem }) => `${path === '' ? '(data)' : path}: ${problem}`).join('; ');
  throw new BanyanError(
    'CONTRACTS_INVALID_DATA',
    `${typeName} cannot be written: ${list}. Mend the data or the schema.`,
    {
      data: { type: typeName, faults },
    },
  );
}

function faultsAt(path: string, value: unknown, type: Type): Fault[] {
  if (type.typeName === 'record' && typeof value === 'object' && value !== null) {
    // avsc stops at a record with undeclared fields; name them, and look at the declared ones all the same.
    const fields = (type as Type & { readonly fields: readonly { readonly name: string; readonly type: Type }[] })
      .fields;
    const declared = new Set(fields.map((field) => field.name));
    const undeclared = Object.keys(value).filter((name) => !declared.has(name));
    const below = (name: string): string => (path === '' ? name : `${path}.${name}`);
    const known = Object.fromEntries(Object.entries(value).filter(([name]) => declared.has(name)));
    const inner: Fault[] = [];
    if (undeclared.length > 0) {
      type.isValid(known, {
        noUndeclaredFields: true,
        errorHook: (rest, part, partType) => inner.push(...faultsAt(below(rest.join('.')), part, partType)),
      });
    }
    return [...undeclared.map((name) => ({ path: below(name), problem: 'is not a field of the schema' })), ...inner];
  }
  return [{ path, problem: `${shown(value)} is no ${nameOf(type)}` }];
}

function nameOf(type: Type): string {
  if (type.typeName.startsWith('union')) {
    return (type as Type & { readonly types: readonly Type[] }).types.map(nameOf).join(' or ');
  }
  return type.name ?? type.typeName;
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = typeof value === 'bigint' ? `${value}n` : (JSON.stringify(value) ?? typeof value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/**
 * A lone surrogate would silently become U+FFFD in UTF-8, and PostgreSQL stores no NUL: refused here, where somebody can
 * still mend it, instead of parked behind everybody's back.
 */
function findBrokenText(value: unknown, path: string, faults: Fault[]): void {
  if (typeof value === 'string') {
    if (value.includes('\0')) faults.push({ path, problem: 'contains a NUL character' });
    if (!value.isWellFormed()) faults.push({ path, problem: 'contains half of a surrogate pair' });
  } else if (typeof value === 'object' && value !== null && !Buffer.isBuffer(value)) {
    for (const [name, part] of Object.entries(value))
      findBrokenText(part, path === '' ? name : `${path}.${name}`, faults);
  }
}
