const fc = require('fast-check');

// The same cases for every mutant, and few enough for thousands of runs.
fc.configureGlobal({ seed: 1, interruptAfterTimeLimit: 50 });
