import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** A service of a compose file, as far as it is looked at here. */
export interface Service {
  readonly image?: string;
  readonly build?: unknown;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly ports?: readonly string[];
  readonly profiles?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly stop_grace_period?: string;
  readonly volumes?: readonly string[];
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
  /** The variables it reads from its caller's environment. */
  readonly variables: readonly string[];
}

/** @returns the file with its variables at their defaults. Throws for a variable without one. */
export function readComposeFile(path: string): ComposeFile {
  const text = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => !line.trimStart().startsWith('#'))
    .join('\n');
  const variables = new Set<string>();
  const filled = text.replace(/\$\{(\w+)(?::-([^}]*))?\}/g, (_, name: string, value: string | undefined) => {
    if (value === undefined) throw new Error(`${path}: ${name} has no default`);
    variables.add(name);
    return value;
  });
  const { services, volumes } = parse(filled, { merge: true }) as Omit<ComposeFile, 'variables'>;
  return { services, volumes, variables: [...variables] };
}
