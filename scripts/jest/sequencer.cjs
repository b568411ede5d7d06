const { default: Sequencer } = require('@jest/test-sequencer');

/** Files that take longest, most of it waiting. On a fresh clone jest knows only how many bytes a file has. */
const first = [
  'scripts/local/run',
  'least-privilege/roles',
  'scripts/ops/events',
  'least-privilege/service-edges',
  'hostile/fuzz',
  'scripts/local/event-sources/queue-trigger',
];

/** Starts the longest files first, so that all workers end together. */
module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const place = ({ path }) => {
      const found = first.findIndex((name) => path.endsWith(`/test/${name}.test.ts`));
      return found < 0 ? first.length : found;
    };
    return [...super.sort(tests)].sort((a, b) => place(a) - place(b));
  }
};
