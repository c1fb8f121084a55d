// Writes jest's own result of a package to the folder named by BANYAN_TEST_REPORTS, for the count at the end of `npm test`.
// Written anew after every file, so that a run that was ended still tells what it knew. What keeps jest up after its last test is
// a leak of a test, often of one that failed: it is named, and ends the run as failed instead of holding it up for ever.
const { writeFileSync } = require('node:fs');
const { join } = require('node:path');

const LEAVE_WITHIN_MS = 30_000;

/** With the far end of each socket: it says whose it is. */
function whatIsOpen() {
  const sockets = process._getActiveHandles().filter((handle) => handle.remotePort !== undefined);
  return [
    ...process.getActiveResourcesInfo(),
    ...sockets.map((one) => `a socket to ${one.remoteAddress}:${one.remotePort}`),
  ];
}

module.exports = class JestReport {
  constructor(globalConfig) {
    this.rootDir = globalConfig.rootDir;
  }

  onTestResult(_test, _result, results) {
    this.write(results);
  }

  onRunComplete(_contexts, results) {
    this.write(results);
    process.once('exit', (code) => {
      // Jest says 1 also where something ran behind the end of its file: its words stand above, and the count says nothing of it.
      if (code !== 0 && results.success) {
        process.stderr.write(
          `jest leaves with ${code} although every test of ${this.rootDir} has passed; see above why\n`,
        );
      }
    });
    setTimeout(() => {
      process.stderr.write(`jest is kept up after its last test by: ${whatIsOpen().join(', ')}\n`);
      process.exit(1);
    }, LEAVE_WITHIN_MS).unref();
  }

  write(results) {
    const folder = process.env.BANYAN_TEST_REPORTS;
    if (folder === undefined) return;
    const name = this.rootDir.split(/[\\/]/).slice(-2).join('-');
    const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = results;
    const testResults = results.testResults.map((suite) => ({
      name: suite.testFilePath,
      seconds: (suite.perfStats.end - suite.perfStats.start) / 1000,
      status: suite.numFailingTests > 0 || suite.testExecError ? 'failed' : 'passed',
      failure: suite.failureMessage ?? undefined,
    }));
    const report = { numPassedTests, numFailedTests, numRuntimeErrorTestSuites, testResults };
    writeFileSync(join(folder, `${name}.json`), JSON.stringify(report));
  }
};
