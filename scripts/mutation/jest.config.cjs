const { jest } = require('../../package.json');
const rooms = require('./rooms.json');

const { tests } = rooms[process.env.MUTATION_ROOM];

/** The tests of one room (rooms.json): run for each of its mutants. */
module.exports = {
  ...jest,
  rootDir: '../..',
  testMatch: tests.map((test) => `<rootDir>/${test}`),
  setupFiles: [...jest.setupFiles, '<rootDir>/scripts/mutation/bounded-properties.cjs'],
};
