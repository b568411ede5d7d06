const fc = require('fast-check');

const maxRuns = 300;

/** The same cases for every mutant, and few enough for thousands of runs. */
const assert = (property, parameters = {}) =>
  fc.assert(property, { seed: 1, ...parameters, numRuns: Math.min(maxRuns, parameters.numRuns ?? maxRuns) });
fc.default = { ...fc, assert };
