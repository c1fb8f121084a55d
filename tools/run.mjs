// Runs `demo`, `dev`, `bench`, `simulate`, `campaign` or `test` on a fresh clone: installs what package-lock.json names, brings its own Node 24,
// builds, and hands over. Plain JavaScript for Node >= 20, since nothing is installed yet when it starts.
import { spawn, spawnSync } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isInstalled, markInstalled } from './installed.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BIN = join(ROOT, 'node_modules', '.bin');
/** jest with ESM and Nest 12 needs it. */
const NEEDED = [24, 9];
const TARGETS = {
  demo: 'e2e/dist/demo/main.js',
  dev: 'e2e/dist/dev.js',
  bench: 'bench/dist/main.js',
  simulate: 'simulation/dist/main.js',
  campaign: 'e2e/dist/faults/main.js',
  test: 'tools/test.mjs',
};

const [target = '', ...rest] = process.argv.slice(2);
const script = TARGETS[target];
if (script === undefined) fail(`usage: node tools/run.mjs ${Object.keys(TARGETS).join('|')}`);
if (!atLeast(process.versions.node, [20, 0]))
  fail(`Banyan needs Node 20 or newer to start; this is ${process.versions.node}.`);

install();
const env = { ...process.env, PATH: BIN + delimiter + process.env.PATH };
const node = newestNode();
if (target !== 'test') build();
const child = spawn(node, [join(ROOT, script), ...rest], { cwd: ROOT, env, stdio: 'inherit' });
// The child stops what it started; this process only has to outlive it.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));

/** `npm ci`, unless what lies there was installed from this very lockfile. */
function install() {
  if (isInstalled(ROOT)) return;
  say('installing (npm ci) …');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  run(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error'], process.env, 'npm ci failed; see its words above');
  markInstalled(ROOT);
}

function build() {
  say('building …');
  const args = ['run', 'build', '--output-logs=errors-only', '--log-order=grouped'];
  run(join(BIN, 'turbo'), args, { ...env, TURBO_TELEMETRY_DISABLED: '1' }, 'the build failed; see above');
}

function newestNode() {
  const brought = join(BIN, process.platform === 'win32' ? 'node.exe' : 'node');
  for (const candidate of [brought, process.execPath]) {
    const asked = spawnSync(candidate, ['--version'], { encoding: 'utf8' });
    if (asked.status === 0 && atLeast(asked.stdout.trim().slice(1), NEEDED)) return candidate;
  }
  return fail(
    `Banyan needs Node ${NEEDED.join('.')} or newer: npm brings it for common platforms, ` +
      `not for ${process.platform}-${process.arch}; install Node 24 (see .nvmrc) and try again.`,
  );
}

function run(command, args, environment, problem) {
  const done = spawnSync(command, args, { cwd: ROOT, env: environment, stdio: ['ignore', 2, 2] });
  if (done.error) fail(`${problem} (${done.error.message})`);
  if (done.status !== 0) fail(problem);
}

function atLeast(version, [major, minor]) {
  const [a = 0, b = 0] = version.split('.').map(Number);
  return a > major || (a === major && b >= minor);
}

function say(text) {
  process.stderr.write(`banyan: ${text}\n`);
}

function fail(text) {
  say(text);
  process.exit(1);
}
