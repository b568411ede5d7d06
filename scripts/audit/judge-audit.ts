import * as v from 'valibot';

/** What `npm audit` had to say, in lines for a person. */
export interface Audit {
  readonly outcome: 'clean' | 'vulnerable' | 'unanswered';
  readonly lines: readonly string[];
}

const severities = ['high', 'critical'];
const report = v.object({
  vulnerabilities: v.record(
    v.string(),
    v.object({
      severity: v.string(),
      range: v.string(),
      via: v.array(v.union([v.string(), v.object({ title: v.string(), url: v.string() })])),
    }),
  ),
  metadata: v.object({ dependencies: v.object({ total: v.number() }) }),
});
const refusal = v.object({ message: v.string() });

/** Reads what `npm audit --json` printed. Not every registry answers: that is no vulnerability, and no clean bill either. */
export function judgeAudit(printed: string): Audit {
  const json = parseJson(printed);
  const read = v.safeParse(report, json);
  if (!read.success) return unanswered(json);
  const { vulnerabilities, metadata } = read.output;
  const found = Object.entries(vulnerabilities).filter(([, { severity }]) => severities.includes(severity));
  if (found.length === 0)
    return { outcome: 'clean', lines: [`${metadata.dependencies.total} packages, none with a vulnerability that is high or critical`] };
  const lines = found.map(([name, { severity, range, via }]) => {
    const reasons = via.map((one) => (typeof one === 'string' ? `through ${one}` : `${one.title} ${one.url}`));
    return `${severity}: ${name} ${range}: ${reasons.join('; ')}`;
  });
  return { outcome: 'vulnerable', lines };
}

function unanswered(json: unknown): Audit {
  const read = v.safeParse(refusal, json);
  const why = read.success ? read.output.message : 'npm audit printed no report';
  return { outcome: 'unanswered', lines: [`not audited: ${why}`] };
}

function parseJson(text: string): unknown {
  try {
    const json: unknown = JSON.parse(text);
    return json;
  } catch {
    return undefined;
  }
}
