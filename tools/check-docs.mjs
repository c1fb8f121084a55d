// Reference pages against the code, both ways: what stands in the source is described, and nothing is described that is gone.
// The source is read as text, so that this runs before anything is built. `--list` prints what the source has.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { benchmarkProblems } from './benchmarks.mjs';
import { PAGES, withCounts } from './guarantees.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const sources = ['apps', 'packages', 'examples']
  .flatMap((folder) => filesBelow(join(ROOT, folder), '.ts'))
  .map((path) => ({ path: relative(ROOT, path), text: readFileSync(path, 'utf8') }));
const ours = sources.filter(({ path }) => !path.startsWith('examples/'));
const configFiles = sources.filter(({ path }) => /(^|\/)(config|env-fields)\.ts$/.test(path));
let problems = 0;

const environment = matches(
  configFiles,
  /(?:^\s+|\{ )([A-Z][A-Z0-9_]+): (?=[a-z])/gm,
  /text\('(\w+)'\)/g,
  /env\.([A-Z]\w+)/g,
);

/** Words in capitals that other people's code says: Kafka's, Node's, undici's. They are compared with, never thrown. */
const FOREIGN = new Set(
  `CLUSTER_AUTHORIZATION_FAILED DUPLICATE_SEQUENCE_NUMBER EAI_AGAIN INVALID_PRODUCER_EPOCH INVALID_PRODUCER_ID_MAPPING
  INVALID_RECORD INVALID_TIMESTAMP INVALID_TOPIC_EXCEPTION KAFKAJS_UNKNOWN_ERROR_CODE LEADER_NOT_AVAILABLE MESSAGE_TOO_LARGE
  OFFSET_OUT_OF_RANGE OUT_OF_ORDER_SEQUENCE_NUMBER PG_VERSION RECORD_LIST_TOO_LARGE TOPIC_ALREADY_EXISTS
  TOPIC_AUTHORIZATION_FAILED UND_ERR_CONNECT_TIMEOUT UNKNOWN_PRODUCER_ID UNKNOWN_TOPIC_OR_PARTITION`.split(/\s+/),
);
const codes = matches(ours, /(?<!provide: |Inject\()'([A-Z]+(?:_[A-Z0-9]+)+)'/g, /^ {2}([A-Z]+(?:_[A-Z]+)+): \{/gm);
hold('docs/reference/errors.md', except(codes, new Set([...FOREIGN, ...environment])), cells(/`([A-Z][A-Z0-9_]+)`/));

hold('docs/reference/configuration.md', environment, cells(/`([A-Z][A-Z0-9_]+)`/));
// Those that several apps have are described once, in the sections of all.
const shared = new Set(['Every service', 'Whoever uses the log'].flatMap((title) => [...configurationIn(title)]));
for (const { path, text } of configFiles.filter((file) => file.path.startsWith('apps/'))) {
  const app = path.split('/')[1];
  const own = matches([{ text }], /(?:^\s+|\{ )([A-Z][A-Z0-9_]+): (?=[a-z])/gm);
  const title = app === 'cli' ? 'banyan (the CLI)' : app;
  hold(`docs/reference/configuration.md (${title})`, except(own, shared), () => configurationIn(title));
}
const defaults = matches(configFiles, /\b([A-Z][A-Z0-9_]+: .*\.default\((?:'[^']*'|[\d_]+)\))/g);
for (const line of defaults) {
  const [, name, value] = /^(\w+): .*\.default\('?([^']*?)'?\)/.exec(line);
  const told = value === '' ? 'empty' : `\`${/^[\d_]+$/.test(value) ? value.replaceAll('_', '') : value}\``;
  const rows = page('docs/reference/configuration.md').split('\n');
  if (!rows.some((row) => row.startsWith(`| \`${name}\` |`) && row.includes(`| ${told} `)))
    tell(`docs/reference/configuration.md does not say that ${name} is ${told} by default`);
}

hold('docs/reference/metrics.md', metrics(), metricsDescribed());
for (const name of matches(ours, /name: '(banyan_[a-z0-9_]+)'/g)) {
  if (![...metrics()].some((metric) => metric.startsWith(`${name}: `))) tell(`${name} is no metric that was found`);
}

const guarantees = page('docs/reference/guarantees.md');
for (const name of PAGES) {
  if (withCounts(name) !== page(name))
    tell(`${name} has other counts than e2e/ledger.jsonl: run node tools/guarantees.mjs`);
}
for (const problem of benchmarkProblems()) tell(problem);
for (const [, , shownBy] of guarantees.matchAll(/^\| (P\d+) \|.*\| (.*) \|$/gm)) {
  for (const [, name] of shownBy.matchAll(/`([^`]+)`/g)) {
    const path = join(ROOT, name.includes('/') ? name : `e2e/src/${name}`);
    const found = readdirSync(dirname(path)).some((file) => file.startsWith(`${basename(path)}`));
    if (!found) tell(`docs/reference/guarantees.md names ${name}, which is not there`);
  }
}

// A rule of the log's port names the test that fails without it, by its file and its title.
const rules = [...page('docs/reference/log-port.md').matchAll(/^\| .*\| `([\w/.-]+\.ts)` \| (.+) \|$/gm)];
if (rules.length === 0) tell('docs/reference/log-port.md names no tests');
for (const [, file, title] of rules) {
  const path = join(ROOT, 'packages/kafka/src', file);
  if (!existsSync(path) || !readFileSync(path, 'utf8').includes(`'${title}'`))
    tell(`docs/reference/log-port.md names a test of ${file} that is not there: ${title}`);
}

// A history is only as good as the test that plays it: the file has to have a test of that name, or a row of `it.each` that is.
const histories = [
  ...page('docs/explanation/histories.md').matchAll(/^\| .* \| `([^`]+\.(?:spec|contract)\.ts)`: (.+) \|$/gm),
];
if (histories.length === 0) tell('docs/explanation/histories.md names no test');
for (const [, file, name] of histories) {
  if (!page(file).includes(`'${name}'`))
    tell(`docs/explanation/histories.md names a test of ${file} that is not there: ${name}`);
}
const rows = page('docs/explanation/histories.md').match(/^\| (?!---|(?:rule|row) \|).*$/gm) ?? [];
if (rows.length !== histories.length)
  tell(`docs/explanation/histories.md has ${rows.length - histories.length} rows without a test`);

// What is read past a config file would be on no page.
for (const { path, text } of ours) {
  if (/process\.env\b/.test(text) && !configFiles.some((file) => file.path === path))
    tell(`${path} reads process.env; only config.ts files do`);
}

const headers = matches(
  sources.filter(({ path }) => path === 'packages/contracts/src/headers.ts'),
  /^ {2}\w+: '(.+)',$/gm,
);
hold('docs/reference/topics-and-headers.md', headers, cells(/`((?:ce_|content-|trace)[\w-]+)`/));

hold('docs/reference/cli.md', cliCommands(), cliDescribed());

const problemLists = matches(ours, /^ {2}([A-Z_]+: \{\s*status: \d+)/gm, /\{ (status: \d+, code: '[A-Z_]+')/g);
hold(
  'docs/reference/http.md',
  new Set([...routes(), ...[...problemLists].map(codeWithStatus)]),
  cells(/(?:`([A-Z]+)` \| `(\/[^`]*)`|(\d{3}) \| `([A-Z_]+)`)/),
);

hold('docs/explanation/declared-losses.md', losses(), lossesDescribed());

for (const file of [join(ROOT, 'README.md'), ...filesBelow(join(ROOT, 'docs'), '.md')]) {
  for (const [, target] of readFileSync(file, 'utf8').matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)) {
    if (!existsSync(join(dirname(file), target)))
      tell(`${relative(ROOT, file)} links to ${target}, which is not there`);
  }
}

process.stdout.write(`${problems} problems\n`);
process.exit(problems === 0 ? 0 : 1);

/** @param described a set, or what reads it out of the page */
function hold(name, inCode, described) {
  if (process.argv.includes('--list')) process.stdout.write(`${name}\n${[...inCode].sort().join('\n')}\n\n`);
  const onPage = typeof described === 'function' ? described(name) : described;
  for (const one of inCode) if (!onPage.has(one)) tell(`${name} does not describe ${one}`);
  for (const one of onPage) if (!inCode.has(one)) tell(`${name} describes ${one}, which is nowhere in the source`);
  if (inCode.size === 0) tell(`nothing was found in the source for ${name}`);
}

/** Reads the first cells of a page's tables, as far as `pattern` goes. */
function cells(pattern) {
  const rows = new RegExp(`^\\| ${pattern.source} \\|`, 'gm');
  return (name) => new Set([...page(name).matchAll(rows)].map((match) => match.slice(1).filter(Boolean).join(' ')));
}

/** `banyan_api_forgotten_total: counter(kind) of new-api`, of every `create…` in the source. */
function metrics() {
  const found = ours.flatMap(({ path, text }) =>
    [...text.matchAll(/create(Consumer)?(Counter|Gauge|Histogram)\(\{(.*?)\}\)/gs)].map(
      ([, consumer, type, options]) => {
        const name = /name: '(banyan_[a-z0-9_]+)'/.exec(options)?.[1];
        const labels = [...(/labels: \[(.*?)\]/s.exec(options)?.[1] ?? '').matchAll(/'(\w+)'/g)].map(
          ([, label]) => label,
        );
        if (consumer !== undefined) labels.push('consumer');
        const app = /^apps\/([^/]+)/.exec(path)?.[1] ?? 'all';
        return name === undefined ? undefined : `${name}: ${type.toLowerCase()}(${labels.join(', ')}) of ${app}`;
      },
    ),
  );
  return new Set(found.filter((metric) => metric !== undefined));
}

/** The same from the page's table: `| name | type; labels | app |`; what stands in brackets is for people. */
function metricsDescribed() {
  const rows = page('docs/reference/metrics.md').matchAll(/^\| `(banyan_\w+)` \| (\w+)([^|]*) \| ([\w-]+) \|/gm);
  return new Set(
    [...rows].map(([, name, type, rest, app]) => {
      const labels = [...rest.replace(/\(.*?\)/g, '').matchAll(/`(\w+)`/g)].map(([, label]) => label);
      return `${name}: ${type}(${labels.join(', ')}) of ${app}`;
    }),
  );
}

/** Variables in one section of the page. */
function configurationIn(title) {
  const sections = page('docs/reference/configuration.md').split(/^## /m);
  const section = sections.find((one) => one.startsWith(`${title}\n`)) ?? '';
  return new Set([...section.matchAll(/^\| `([A-Z][A-Z0-9_]+)` \|/gm)].map(([, name]) => name));
}

/** `banyan backfill run`, and each of its options as `banyan backfill run --plan`. */
function cliCommands() {
  const found = new Set();
  for (const { text } of ours.filter(({ path }) => path.startsWith('apps/cli/src/commands/'))) {
    const groups = new Map([['program', 'banyan']]);
    let command = '';
    for (const [, group, parent, word, flag] of text.matchAll(
      /(?:const (\w+) = )?\b(\w+)\s*\.command\('([\w-]+)'\)|[oO]ption\('(--[\w-]+)/g,
    )) {
      if (flag !== undefined) found.add(`${command} ${flag}`);
      else command = `${groups.get(parent)} ${word}`;
      if (group !== undefined) groups.set(group, command);
      else found.add(command);
    }
  }
  return found;
}

/** Headings `## banyan …`, and the options in the tables below them. */
function cliDescribed() {
  const sections = page('docs/reference/cli.md')
    .split(/^## (?=banyan )/m)
    .slice(1);
  return new Set(
    sections.flatMap((section) => {
      const command = /^(banyan [a-z -]*[a-z])/.exec(section)[1];
      return [command, ...[...section.matchAll(/^\| `(--[\w-]+)/gm)].map(([, flag]) => `${command} ${flag}`)];
    }),
  );
}

/** `GET /v2/orders/:id` of the entities, `GET /internal/links` of the controllers. */
function routes() {
  const entities = ours.filter(({ path }) => /^packages\/transformer-[^/]+\/src\//.test(path));
  const found = new Set();
  for (const { text } of entities) {
    // With `{id}` it is what a legacy route is translated to, and declared as a command elsewhere.
    for (const [, method, path] of text.matchAll(/method: '([A-Z]+)', path: '(\/v2[^'{]*)'/g))
      found.add(`${method} ${path}`);
    for (const [, path] of text.matchAll(/type: '(?:one|list)',[^}]*?path: '([^']+)'/g)) found.add(`GET ${path}`);
  }
  for (const { text } of ours) {
    const base = /@Controller\((?:'([^']*)')?\)/.exec(text);
    if (base === null) continue;
    for (const [, verb, path] of text.matchAll(/@(Get|Post)\((?:'([^']*)')?\)/g)) {
      found.add(`${verb.toUpperCase()} /${[base[1], path].filter(Boolean).join('/')}`);
    }
  }
  return found;
}

function codeWithStatus(text) {
  return `${/\d{3}/.exec(text)[0]} ${/[A-Z]+(?:_[A-Z]+)+/.exec(text)[0]}`;
}

function losses() {
  const compared = ours.filter(({ path }) => path.endsWith('.compare.ts'));
  return new Set(
    compared.flatMap(({ path, text }) => {
      const entity = /(\w[\w-]*)\.compare\.ts$/.exec(path)[1];
      const [, declared = ''] = text.split('losses:');
      return [...declared.matchAll(/name: '([\w-]+)'/g)].map(([, name]) => `${entity} ${name}`);
    }),
  );
}

function lossesDescribed() {
  const sections = page('docs/explanation/declared-losses.md').split(/^## /m).slice(1);
  return new Set(
    sections.flatMap((section) => {
      const [, entity] = /^(\S+)/.exec(section);
      return [...section.matchAll(/^\| `([\w-]+)` \|/gm)].map(([, name]) => `${entity} ${name}`);
    }),
  );
}

function matches(files, ...patterns) {
  const names = files.flatMap(({ text }) =>
    patterns.flatMap((pattern) => [...text.matchAll(pattern)].map((match) => match[1])),
  );
  return new Set(names);
}

function except(names, unwanted) {
  return new Set([...names].filter((name) => !unwanted.has(name)));
}

function page(name) {
  const path = join(ROOT, name);
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

function filesBelow(folder, ending) {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (['node_modules', 'dist', 'generated', 'testing'].includes(name)) return [];
    if (statSync(path).isDirectory()) return filesBelow(path, ending);
    return path.endsWith(ending) && !/\.(spec|contract|d)\.ts$/.test(path) ? [path] : [];
  });
}

function tell(problem) {
  problems += 1;
  process.stderr.write(`${problem}\n`);
}
