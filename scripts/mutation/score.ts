import * as v from 'valibot';

const position = v.object({ line: v.number(), column: v.number() });
const reportSchema = v.object({
  files: v.record(
    v.string(),
    v.object({
      mutants: v.array(
        v.object({
          mutatorName: v.string(),
          replacement: v.optional(v.string(), ''),
          status: v.string(),
          location: v.object({ start: position }),
        }),
      ),
    }),
  ),
});

/** What became of a room's mutants. */
export interface Score {
  readonly detected: number;
  readonly undetected: number;
  /** Per cent of the valid mutants; 100 where there is none. */
  readonly percent: number;
  /** One line for each mutant that no test noticed: file, line, what was changed. */
  readonly survivors: readonly string[];
}

/** Reads a report of Stryker's (mutation-testing-report-schema); mutants that do not compile or are ignored count for nothing. */
export function scoreOf(reportJson: string): Score {
  const { files } = v.parse(reportSchema, JSON.parse(reportJson));
  const mutants = Object.entries(files).flatMap(([file, content]) => content.mutants.map((mutant) => ({ file, ...mutant })));
  const detected = mutants.filter(({ status }) => status === 'Killed' || status === 'Timeout').length;
  const unnoticed = mutants.filter(({ status }) => status === 'Survived' || status === 'NoCoverage');
  const valid = detected + unnoticed.length;
  return {
    detected,
    undetected: unnoticed.length,
    percent: valid === 0 ? 100 : (100 * detected) / valid,
    survivors: unnoticed.map(
      ({ file, location, mutatorName, replacement, status }) =>
        `${file}:${location.start.line}:${location.start.column} ${mutatorName} → ${replacement.replaceAll(/\s+/g, ' ').slice(0, 80)}${status === 'NoCoverage' ? ' (no test gets there)' : ''}`,
    ),
  };
}
