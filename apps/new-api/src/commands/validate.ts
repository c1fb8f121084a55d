import type { z } from 'zod';
import { type ApiProblemCode, type Fault, problem } from '../problems.js';

/** Parses what came from outside; throws the problem with the paths of all faults. */
export function validate<T>(code: ApiProblemCode, what: string, schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const errors = faultsOf(parsed.error.issues);
  const list = errors.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');
  throw problem(code, `${what} has ${errors.length} fault(s): ${list}`, { data: { errors } });
}

/** One fault per place: an unknown field at its own path, a union by what its branches want. */
export function faultsOf(issues: readonly z.core.$ZodIssue[], base: readonly PropertyKey[] = []): Fault[] {
  return issues.flatMap((issue): Fault[] => {
    const path = [...base, ...issue.path];
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ path: pathText([...path, key]), message: 'is not a field here' }));
    }
    if (issue.code === 'invalid_union') {
      const branches = issue.errors.map((branch) => faultsOf(branch, path).map(describe).join(' and '));
      return [{ path: pathText(path), message: branches.length === 0 ? issue.message : branches.join(', or ') }];
    }
    return [{ path: pathText(path), message: issue.message }];
  });
}

function describe({ path, message }: Fault): string {
  return `${path}: ${message}`;
}

function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');
}
