const path = require('node:path');
const { jest } = require('../../package.json');
const rooms = require('./rooms.json');

const { tests } = rooms[process.env.MUTATION_ROOM];

/** The tests of one room (rooms.json): run for each of its mutants. */
module.exports = {
  ...jest,
  rootDir: '../..',
  // Stryker knows no <rootDir> here.
  testEnvironment: path.resolve(__dirname, '../jest/environment.cjs'),
  testMatch: tests.map((test) => `<rootDir>/${test}`),
  setupFiles: [...jest.setupFiles, '<rootDir>/scripts/mutation/bounded-properties.cjs'],
};
