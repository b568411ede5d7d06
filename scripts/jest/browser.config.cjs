const { jest } = require('../../package.json');

/** The suites that look at the console page in a real Chromium, one after the other. */
module.exports = {
  ...jest,
  rootDir: '../..',
  testMatch: ['<rootDir>/test/browser/**/*.suite.ts'],
  testTimeout: 2 * 60_000,
  maxWorkers: 1,
  verbose: true,
};
