const { jest } = require('../package.json');

/** The suites that run the real Terraform: one after the other, since each has an emulator and a provider of its own. */
module.exports = {
  ...jest,
  rootDir: '..',
  testMatch: ['<rootDir>/test/terraform/**/*.suite.ts'],
  testTimeout: 10 * 60_000,
  maxWorkers: 1,
  verbose: true,
};
