// What takes too long for each run is `*.long.spec.ts`: `npm run test:long` runs these, and only these.
const long = process.env.BANYAN_TEST_LONG === '1';

/** One jest preset for every package: ESM by swc, `*.spec.ts` beside the code or under test/. */
export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  roots: ['<rootDir>/src'],
  testMatch: [long ? '**/*.long.spec.ts' : '**/!(*.long).spec.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2024',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
        },
        module: { type: 'es6' },
      },
    ],
  },
  reporters: ['default', new URL('./tools/jest-report.cjs', import.meta.url).pathname],
  // Only what hangs is ended by it: a busy machine must not.
  testTimeout: 180_000,
};
