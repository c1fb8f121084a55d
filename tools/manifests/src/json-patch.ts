import { isData } from './resource.js';

/** One change of RFC 6902, as far as it is used here. */
export interface Operation {
  readonly op: string;
  readonly path: string;
  readonly value?: unknown;
}

/** @returns the document with the change; throws where the place is not there */
export function applyOperation<T>(document: T, operation: Operation): T {
  const steps = operation.path.split('/').slice(1).map(unescaped);
  if (steps.length === 0) throw new Error('A change of the whole document is not known here');
  return changed(document, steps, operation) as T;
}

function changed(value: unknown, [step = '', ...rest]: readonly string[], operation: Operation): unknown {
  const { op, path } = operation;
  if (Array.isArray(value)) {
    const index = step === '-' ? value.length : Number(step);
    if (!Number.isInteger(index) || index > value.length) throw new Error(`${path}: there is no ${step}`);
    if (rest.length > 0) return value.toSpliced(index, 1, changed(value[index], rest, operation));
    if (op !== 'add' && index === value.length) throw new Error(`${path}: there is no ${step}`);
    if (op === 'add') return value.toSpliced(index, 0, operation.value);
    if (op === 'replace') return value.toSpliced(index, 1, operation.value);
    if (op === 'remove') return value.toSpliced(index, 1);
  } else if (isData(value)) {
    if (rest.length > 0) return { ...value, [step]: changed(value[step], rest, operation) };
    if (op !== 'add' && value[step] === undefined) throw new Error(`${path}: there is no ${step}`);
    if (op === 'add' || op === 'replace') return { ...value, [step]: operation.value };
    const { [step]: _, ...others } = value;
    if (op === 'remove') return others;
  } else {
    throw new Error(`${path}: there is nothing at ${step}`);
  }
  throw new Error(`${path}: the operation ${op} is not known here`);
}

function unescaped(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~');
}
