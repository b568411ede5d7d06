const { jest } = require('../../package.json');
const rooms = require('./rooms.cjs');

const { tests } = rooms[process.env.MUTATION_ROOM];

/** The tests of one room, once per mutant: a property that has not found it within the time never will in a run of minutes. */
module.exports = {
  ...jest,
  rootDir: '../..',
  testMatch: tests.map((test) => `<rootDir>/${test}`),
  setupFiles: [...jest.setupFiles, '<rootDir>/scripts/mutation/bounded-properties.cjs'],
};
