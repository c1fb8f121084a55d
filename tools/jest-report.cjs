// Writes jest's own result of a package to the folder named by BANYAN_TEST_REPORTS, for the count at the end of `npm test`.
const { writeFileSync } = require('node:fs');
const { join } = require('node:path');

module.exports = class JestReport {
  constructor(globalConfig) {
    this.rootDir = globalConfig.rootDir;
  }

  onRunComplete(_contexts, results) {
    const folder = process.env.BANYAN_TEST_REPORTS;
    if (folder === undefined) return;
    const name = this.rootDir.split(/[\\/]/).slice(-2).join('-');
    const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = results;
    const testResults = results.testResults.map((suite) => ({
      name: suite.testFilePath,
      status: suite.numFailingTests > 0 || suite.testExecError ? 'failed' : 'passed',
    }));
    const report = { numPassedTests, numFailedTests, numRuntimeErrorTestSuites, testResults };
    writeFileSync(join(folder, `${name}.json`), JSON.stringify(report));
  }
};
