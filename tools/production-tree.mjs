// What an image needs of this monorepo, for the Dockerfile: the workspaces that the named ones reach by `dependencies`, and
// nothing that only develops or tests them. Plain JavaScript: it runs before anything is installed.
//
//   node tools/production-tree.mjs manifests <folder> <workspace>...   package.json files and lock, for `npm ci` in <folder>
//   node tools/production-tree.mjs built <folder> <workspace>...       what was built, and whatever else they ship
//
// `npm ci --omit=dev --workspace=…` cannot do it: npm counts every workspace as production, with all that it depends on.
import { cpSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const MODES = { manifests: writeManifests, built: copyBuilt };

const [mode = '', folder, ...named] = process.argv.slice(2);
if (MODES[mode] === undefined || folder === undefined || named.length === 0) {
  process.stderr.write('usage: node tools/production-tree.mjs manifests|built <folder> <workspace>...\n');
  process.exit(2);
}
const root = readManifest('.');
const workspaces = new Map(
  root.workspaces
    .flatMap((pattern) => globSync(`${pattern}/package.json`, { cwd: ROOT }))
    .map((path) => ({ path: dirname(path), manifest: readManifest(dirname(path)) }))
    .map((workspace) => [workspace.manifest.name, workspace]),
);
MODES[mode]([...reached(named)].sort((a, b) => a.path.localeCompare(b.path)));

/** Without `devDependencies`, and without those workspaces that nothing in production reaches. */
function writeManifests(needed) {
  const { name, version, private: isPrivate, type, packageManager } = root;
  const manifest = {
    name,
    version,
    private: isPrivate,
    type,
    packageManager,
    workspaces: needed.map(({ path }) => path),
  };
  write('package.json', manifest);
  for (const file of ['package-lock.json', '.npmrc']) cpSync(join(ROOT, file), join(folder, file));
  for (const { path, manifest: own } of needed) {
    const { devDependencies: _, scripts: __, ...shipped } = own;
    write(join(path, 'package.json'), shipped);
  }
}

/** What its `files` name, and its commands. */
function copyBuilt(needed) {
  for (const { path, manifest } of needed) {
    for (const part of [...(manifest.files ?? []), ...Object.values(manifest.bin ?? {})]) {
      cpSync(join(ROOT, path, part), join(folder, path, part), {
        recursive: true,
        filter: (source) => !source.endsWith('/dist/testing'),
      });
    }
  }
}

function reached(paths) {
  const found = new Set();
  const visit = (workspace) => {
    if (workspace === undefined || found.has(workspace)) return;
    found.add(workspace);
    for (const name of Object.keys(workspace.manifest.dependencies ?? {})) visit(workspaces.get(name));
  };
  for (const path of paths) {
    const workspace = [...workspaces.values()].find((one) => one.path === path);
    if (workspace === undefined) {
      process.stderr.write(`there is no workspace ${path}\n`);
      process.exit(2);
    }
    visit(workspace);
  }
  return found;
}

function readManifest(path) {
  return JSON.parse(readFileSync(join(ROOT, path, 'package.json'), 'utf8'));
}

function write(path, manifest) {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
}
