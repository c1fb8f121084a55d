import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfigMapArgs } from './kustomization.js';

/** Names of ConfigMaps that were generated: they get a hash of what is in them, so that a change restarts the pods. */
export type Generated = Map<string, Readonly<Record<string, string>>>;

/** @param directory of the kustomization, where its files are looked for */
export function generate(generated: Generated, directory: string, args: ConfigMapArgs): void {
  const { name, behavior } = args;
  const before = generated.get(name);
  if ((behavior === 'create') === (before !== undefined)) {
    throw new Error(`${directory}: ConfigMap ${name} cannot ${behavior}, it is ${before ? 'there' : 'not there'}`);
  }
  const lines = [...args.envs.flatMap((file) => linesOf(join(directory, file))), ...args.literals];
  const data = Object.fromEntries(lines.map(pairOf));
  generated.set(name, behavior === 'merge' ? { ...before, ...data } : data);
}

function linesOf(file: string): string[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'));
}

function pairOf(line: string): [string, string] {
  const [, key, value] = /^([\w.-]+)=(.*)$/.exec(line) ?? [];
  if (key === undefined || value === undefined) throw new Error(`"${line}" is not KEY=value`);
  // kustomize has rules of its own for them.
  if (/^["']/.test(value)) throw new Error(`"${line}" begins with a quote; write the value as it is`);
  return [key, value];
}

const LETTERS: Readonly<Record<string, string>> = { '0': 'g', '1': 'h', '3': 'k', a: 'm', e: 't' };

/**
 * kustomize's own: ten digits of the content's hash, with letters in place of those digits that could form a word. It hashes Go's
 * JSON, in which some characters are escaped, and looks for the object's name where it is not: the name is always empty.
 */
export function hashOf(data: Readonly<Record<string, string>>): string {
  const sorted = Object.fromEntries(Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1)));
  const text = JSON.stringify({ data: sorted, kind: 'ConfigMap', name: '' }).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  const digits = createHash('sha256').update(text).digest('hex').slice(0, 10);
  return [...digits].map((digit) => LETTERS[digit] ?? digit).join('');
}
