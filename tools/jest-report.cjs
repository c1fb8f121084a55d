// Writes jest's own result of a package to the folder named by BANYAN_TEST_REPORTS, for the count at the end of `npm test`.
// Written anew after every file, so that a run that was ended still tells what it knew.
const { writeFileSync } = require('node:fs');
const { join } = require('node:path');

module.exports = class JestReport {
  constructor(globalConfig) {
    this.rootDir = globalConfig.rootDir;
  }

  onTestResult(_test, _result, results) {
    this.write(results);
  }

  onRunComplete(_contexts, results) {
    this.write(results);
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
