const { availableParallelism } = require('node:os');
const { jest } = require('../../package.json');

/** The tests of npm test. Some wait for clocks and other processes: one worker more than there are cores. */
module.exports = { ...jest, rootDir: '../..', maxWorkers: availableParallelism() + 1, testEnvironmentOptions: { sharesModules: true } };
