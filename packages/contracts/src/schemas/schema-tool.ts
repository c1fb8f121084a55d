import { registerSchemas } from '../register-schemas.js';
import { checkCompatibility } from './compatibility.js';
import { generate, namesTwice } from './generate.js';
import { drift, writeGenerated } from './generated-files.js';
import { lint, type SchemaProblem } from './lint.js';
import { record } from './recorded.js';
import { readReleased, release } from './released.js';
import { readSchemaFiles, type SchemaFile } from './schema-files.js';

export interface SchemaToolOptions {
  /** Folder of the `.avsc`. */
  readonly schemas: string;
  /** Folder of the generated TypeScript. */
  readonly generated: string;
  /** Folder of the bytes that each release is tried on for ever. */
  readonly recorded: string;
  readonly registryUrl: string | undefined;
  /** A line of results. */
  out(line: string): void;
  /** A line of talk. */
  err(line: string): void;
}

const COMMANDS: Readonly<Record<string, (options: SchemaToolOptions) => number | Promise<number>>> = {
  generate: generateCommand,
  check: checkCommand,
  release: releaseCommand,
  register: registerCommand,
};

/** Runs one of the schema commands; answers the exit code: 0 = ok, 1 = failed, 2 = usage. */
export async function runSchemaTool(command: string | undefined, options: SchemaToolOptions): Promise<number> {
  const run = COMMANDS[command ?? ''];
  if (run === undefined) {
    options.err(
      `usage: ${Object.keys(COMMANDS)
        .map((name) => `npm run schemas:${name}`)
        .join(' | ')}`,
    );
    return 2;
  }
  try {
    return await run(options);
  } catch (error) {
    options.err(error instanceof Error ? error.message : String(error));
    return 1;
  }
}

function generateCommand({ schemas, generated, out, err }: SchemaToolOptions): number {
  const files = readSchemaFiles(schemas);
  const problems = wellFormed(files);
  if (problems.length > 0) return tell(problems, err);
  out(`${writeGenerated(generated, generate(files))} files generated from ${files.length} schemas`);
  return 0;
}

function checkCommand({ schemas, generated, out, err }: SchemaToolOptions): number {
  const files = readSchemaFiles(schemas);
  const released = readReleased(schemas);
  const problems = wellFormed(files);
  if (problems.length === 0) problems.push(...checkCompatibility(files, released));
  if (problems.length > 0) return tell(problems, err);
  const drifted = drift(generated, generate(files));
  if (drifted.length > 0) {
    err(
      `generated code is not what the schemas make: ${drifted.join(', ')}; run \`npm run schemas:generate\` and commit`,
    );
    return 1;
  }
  out(
    `${files.length} schemas well-formed, FULL_TRANSITIVE with ${released.length} released ones, generated code current`,
  );
  return 0;
}

function releaseCommand(options: SchemaToolOptions): number {
  const checked = checkCommand(options);
  if (checked !== 0) return checked;
  const written = release(options.schemas, readSchemaFiles(options.schemas));
  for (const path of written) options.out(path);
  for (const { fullName, version, schema } of readReleased(options.schemas)) {
    const name = record(options.recorded, `${fullName}.${version}`, schema);
    if (name !== undefined) options.out(name);
  }
  options.err(`${written.length} schemas newly released; commit them, and the bytes recorded with them`);
  return 0;
}

async function registerCommand({ registryUrl, out, err }: SchemaToolOptions): Promise<number> {
  if (registryUrl === undefined) {
    err('SCHEMA_REGISTRY_URL is not set; set it to the base URL of the registry (its Confluent API)');
    return 2;
  }
  const registered = await registerSchemas({ registryUrl });
  for (const { subject, id } of registered) out(`${subject} id ${id}`);
  return 0;
}

/** Lint of each file, then what only shows between files. */
function wellFormed(files: readonly SchemaFile[]): SchemaProblem[] {
  const problems = files.flatMap((file) => lint(file));
  return problems.length > 0 ? problems : [...namesTwice(files)];
}

function tell(problems: readonly SchemaProblem[], err: (line: string) => void): number {
  for (const { path, place, problem } of problems) err(`schemas/${path}, ${place}: ${problem}`);
  err(`${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}`);
  return 1;
}
