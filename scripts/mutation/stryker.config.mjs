import { createRequire } from 'node:module';
import path from 'node:path';

const rooms = createRequire(import.meta.url)('./rooms.json');

const room = process.env.MUTATION_ROOM;
// The mutants' copy of the project is not beside the corpus.
process.env.CORPUS_FOLDER ??= path.resolve('../shared/corpus');

/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  plugins: ['@stryker-mutator/jest-runner'],
  testRunner: 'jest',
  jest: { configFile: 'scripts/mutation/jest.config.cjs' },
  coverageAnalysis: 'perTest',
  mutate: rooms[room].files,
  ignorePatterns: [
    '/docs',
    '/stacks',
    '/.ci',
    '/test/terraform',
    '/test/browser',
    '/scripts/local',
    '/dist',
    '/cdktf.out',
    '/coverage',
    '/.local',
  ],
  tempDirName: '.local/mutation/sandbox',
  incremental: true,
  incrementalFile: `.local/mutation/${room}.incremental.json`,
  reporters: ['json', 'html'],
  jsonReporter: { fileName: `.local/mutation/${room}.json` },
  htmlReporter: { fileName: `.local/mutation/${room}.html` },
  concurrency: Number(process.env.MUTATION_CONCURRENCY ?? 1),
  timeoutMS: 10_000,
  disableTypeChecks: true,
  allowConsoleColors: false,
};
