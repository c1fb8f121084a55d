// `npm test`: one local stack for the whole run, then build, lint, typecheck and test of every package by turbo, the
// boundaries, the schemas, the manifests and the docs. Ends with `N passed, N failed`, counted from jest's own reports.
// `npm run test:long` (--long) runs the long tests instead, and nothing else.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const reports = mkdtempSync(join(tmpdir(), 'banyan-test-'));
const long = process.argv.includes('--long');
const LEAVE_WITHIN_MS = 20_000;
const LIMIT_MINUTES = long ? 90 : 40;
/** What is tested beside packages and apps; the long tests of the system take as long as those of everything else. */
const WHOLE = long ? ['@banyan/e2e'] : ['@banyan/e2e', '@banyan/simulation'];
const LAST_WORDS = 20_000;
const TOLD_LINES = 40;
const checks = [];
const running = new Set();
let stack;

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    // Tests that have a stack of their own end it before they go.
    const gone = [...running].map((child) => once(child, 'close'));
    for (const child of running) child.kill(signal);
    await Promise.race([Promise.all(gone), delay(LEAVE_WITHIN_MS, undefined, { ref: false })]);
    await stack?.stop();
    process.exit(130);
  });
}

async function check(name, command, args, env = {}) {
  const started = Date.now();
  process.stdout.write(`\n── ${name}\n`);
  let last = '';
  const code = await new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: ROOT,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(child);
    for (const [stream, out] of [
      [child.stdout, process.stdout],
      [child.stderr, process.stderr],
    ]) {
      stream.on('data', (chunk) => {
        out.write(chunk);
        last = (last + chunk).slice(-LAST_WORDS);
      });
    }
    // A test that hangs must not hang whoever waits for the verdict.
    const late = setTimeout(() => {
      process.stdout.write(`${name} was ended: it took longer than ${LIMIT_MINUTES} minutes\n`);
      child.kill('SIGTERM');
    }, LIMIT_MINUTES * 60_000);
    child.once('close', () => {
      clearTimeout(late);
      running.delete(child);
    });
    child.once('error', () => resolve(127));
    child.once('close', (exit) => resolve(exit ?? 1));
  });
  checks.push({ name, ok: code === 0, last, seconds: (Date.now() - started) / 1000 });
  return code === 0;
}

/** Sums what jest reported; a package whose report is missing or broken counts as failed by its exit code. */
function countTests() {
  const counted = { passed: 0, failed: 0, files: [] };
  for (const file of readdirSync(reports)) {
    const report = JSON.parse(readFileSync(join(reports, file), 'utf8'));
    counted.passed += report.numPassedTests;
    counted.failed += report.numFailedTests + report.numRuntimeErrorTestSuites;
    counted.files.push(...report.testResults.map((suite) => ({ ...suite, name: suite.name.replace(ROOT, '') })));
  }
  return counted;
}

function tellSlowest(files) {
  const slowest = files.toSorted((a, b) => b.seconds - a.seconds).slice(0, 10);
  process.stdout.write('\nslowest files:\n');
  for (const { name, seconds } of slowest) process.stdout.write(`${seconds.toFixed(1).padStart(7)} s  ${name}\n`);
}

/** What failed, at the end of the output, where whoever sees only its end finds it: jest's words, else a red check's last ones. */
function tellFailed(files) {
  const failed = files.filter(({ status }) => status === 'failed');
  for (const { name, failure } of failed) process.stdout.write(`\nfailed: ${name}\n${firstLines(failure ?? '')}\n`);
  for (const one of checks) {
    if (!one.ok && !(isTests(one) && failed.length > 0)) {
      process.stdout.write(`\nlast words of ${one.name}:\n${lastLines(one.last ?? '')}\n`);
    }
  }
}

const isTests = ({ name }) => name.startsWith('tests of');
const firstLines = (text) => text.split('\n').slice(0, TOLD_LINES).join('\n');
const lastLines = (text) => text.trimEnd().split('\n').slice(-TOLD_LINES).join('\n');

const quiet = ['--output-logs=errors-only', '--log-order=grouped', '--continue'];
const turbo = {
  TURBO_TELEMETRY_DISABLED: '1',
  BANYAN_TEST_REPORTS: reports,
  ...(long ? { BANYAN_TEST_LONG: '1' } : {}),
};

if (await check('build', 'turbo', ['run', 'build', ...quiet], turbo)) {
  if (!long) {
    await check('lint and types', 'turbo', ['run', 'lint', 'typecheck', ...quiet], turbo);
    await check('format of the rest', 'biome', [
      'check',
      'tools',
      'biome.json',
      'package.json',
      'turbo.json',
      'jest.preset.mjs',
    ]);
    await check('boundaries', 'npm', ['run', '--silent', 'boundaries']);
    await check('schemas', 'npm', ['run', '--silent', 'schemas:check']);
    await check('manifests', 'node', ['tools/check-manifests.mjs']);
    await check('docs', 'node', ['tools/check-docs.mjs']);
  }
  try {
    const { startStack } = await import(pathToFileURL(join(ROOT, 'packages/stack/dist/index.js')).href);
    stack = await startStack({ ephemeral: true, say: (line) => process.stdout.write(`\n── ${line}\n`) });
    const addresses = {
      KAFKA_BROKERS: stack.kafkaBrokers,
      SCHEMA_REGISTRY_URL: stack.schemaRegistryUrl,
      DATABASE_URL: stack.databaseUrl,
    };
    // Tests of whole processes mostly wait, for Kafka and for each other: side by side they take half the time.
    const tests = (name, ...filters) =>
      check(name, 'turbo', ['run', 'test', ...filters.map((one) => `--filter=${one}`), '--concurrency=1', ...quiet], {
        ...turbo,
        ...addresses,
      });
    await Promise.all([
      tests('tests of the packages', '!./apps/*', ...WHOLE.map((name) => `!${name}`)),
      tests('tests of the apps', './apps/*'),
      tests('tests of the whole', ...WHOLE),
    ]);
  } catch (error) {
    process.stdout.write(`${error.message}\n`);
    checks.push({ name: 'local stack', ok: false, last: error.message, seconds: 0 });
  } finally {
    await stack?.stop();
  }
}

const tests = countTests();
tellSlowest(tests.files);
rmSync(reports, { recursive: true, force: true });
process.stdout.write('\n');
for (const { name, ok, seconds } of checks) {
  process.stdout.write(`${ok ? 'ok    ' : 'FAILED'} ${name} (${seconds.toFixed(1)} s)\n`);
}
tellFailed(tests.files);
// A red check that is no test, such as a boundary, must not leave the last line green.
const redChecks = checks.filter((one) => !one.ok && !(isTests(one) && tests.failed > 0)).length;
const greenChecks = checks.filter((one) => one.ok && !isTests(one)).length;
const failed = tests.failed + redChecks;
process.stdout.write(`${tests.passed + greenChecks} passed, ${failed} failed\n`);
process.exit(failed === 0 && tests.passed > 0 ? 0 : 1);
