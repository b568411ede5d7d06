const { jest } = require('../../package.json');

/** The suites that run the real Terraform: two at a time, since the longest mostly waits for what the provider waits for. Each has an emulator of its own. */
module.exports = {
  ...jest,
  rootDir: '../..',
  testMatch: ['<rootDir>/test/terraform/**/*.suite.ts'],
  testTimeout: 10 * 60_000,
  maxWorkers: 2,
  verbose: true,
};
