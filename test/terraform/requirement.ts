import { describe, it } from '@jest/globals';

/** Describes a suite that needs tools of this machine. Where they are missing it is skipped with one line, and in CI it fails. */
export function describeWhere(problem: string | undefined, name: string, body: () => void): void {
  if (problem === undefined) {
    describe(name, body);
    return;
  }
  if (process.env['CI'] === 'true') {
    it(`${name} can run here`, () => {
      throw new Error(problem);
    });
    return;
  }
  process.stderr.write(`skipped: ${name}: ${problem}\n`);
  describe.skip(name, body);
}

/**
 * Steps that build on each other: after a failed one the rest fails at once, with its name, instead of with follow-on errors. Says at once
 * how long each took, for jest keeps that to itself until the file is through.
 */
export function steps(): (name: string, run: () => Promise<void> | void, timeoutMs?: number) => void {
  let failed: string | undefined;
  return (name, run, timeoutMs) => {
    it(
      name,
      async () => {
        if (failed !== undefined) throw followOn(failed);
        failed = name;
        const started = performance.now();
        try {
          await run();
          failed = undefined;
        } finally {
          process.stderr.write(`${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s  ${name}\n`);
        }
      },
      timeoutMs,
    );
  };
}

/** One line: where it was thrown tells nobody anything. */
function followOn(failed: string): Error {
  const error = new Error(`not run, because this failed before: ${failed}`);
  error.stack = error.message;
  return error;
}
