import type { Command } from 'commander';
import pc from 'picocolors';
import { examine, type Finding } from './doctor/check';
import { checks } from './doctor/checks';
import { readExpected } from './doctor/expected';
import { Patient } from './doctor/patient';
import { lineOf, OpsFailure, wrongUsage } from './failure';
import type { Io } from './io';
import { jsonText, printable } from './printable';
import { fetchPublished } from './published-list';
import { addCommand, withSession, type CommonOptions, type Session } from './session';
import { heading, table } from './table';

interface DoctorOptions extends CommonOptions {
  readonly only?: readonly string[];
  readonly list: boolean;
}

export function addDoctorCommand(program: Command, io: Io): void {
  addCommand(program, 'doctor', `Looks for ${checks.length} misconfigurations, and says of each what it does and what mends it.`, [
    'doctor --env prod',
    'doctor --env prod --only key-policy square-url',
    'doctor --list',
    'doctor --json | jq \'.findings[] | select(.level == "error")\'',
  ])
    .option('--only <checks...>', 'these checks alone, by their names in --list')
    .option('--list', 'name the checks, and look at nothing', false)
    .action((options: DoctorOptions) => {
      if (!options.list) return withSession(io, options, (session) => consult(session, options));
      listChecks(io, options);
      return undefined;
    });
}

function listChecks(io: Io, { json }: DoctorOptions): void {
  const listed = checks.map(({ id, title, notLocal }) => ({ id, title, local: notLocal === undefined }));
  io.out(
    json
      ? jsonText({ checks: listed })
      : table(listed, [
          { title: 'check', cell: ({ id }) => id },
          { title: 'local', cell: ({ local }) => (local ? 'yes' : '') },
          { title: 'what is so where all is well', cell: ({ title }) => title, max: 120 },
        ]),
  );
}

async function consult(session: Session, options: DoctorOptions): Promise<void> {
  const chosen = chosenChecks(options.only);
  const patient = await patientOf(session, options);
  const findings: Finding[] = [];
  for (const check of chosen) {
    session.checkpoint();
    findings.push(...(await examine(check, patient)));
  }
  const count = (level: Finding['level']): number => findings.filter((finding) => finding.level === level).length;
  const counts = { errors: count('error'), warnings: count('warning'), ok: count('ok'), skipped: count('skipped') };
  session.answer({ target: session.target.title, counts, findings }, () => report(session.target, findings, counts, options));
  if (counts.errors > 0) throw new OpsFailure(`${counts.errors} ${counts.errors === 1 ? 'thing is' : 'things are'} wrong`);
}

function chosenChecks(only: readonly string[] | undefined) {
  const unknown = only?.find((id) => !checks.some((check) => check.id === id));
  if (unknown !== undefined) throw wrongUsage(`there is no check ${unknown}: npm run ops -- doctor --list`);
  return only === undefined ? checks : checks.filter(({ id }) => only.includes(id));
}

async function patientOf({ target, io }: Session, { env, endpoint, region }: DoctorOptions): Promise<Patient> {
  const place = { accountId: target.accountId, region: target.region };
  const expected = await readExpected(target.synthFolder, target.suffix, place).catch((cause: unknown) => ({
    missing: `${lineOf(cause)} (ENVIRONMENT_SUFFIX=${target.suffix} npm run synth)`,
  }));
  const again = [
    ...(env === undefined ? [] : [`--env ${env}`]),
    ...(endpoint === undefined ? [] : [`--endpoint ${endpoint}`]),
    ...(region === undefined ? [] : [`--region ${region}`]),
  ];
  return new Patient({
    target,
    expected,
    now: io.now(),
    root: io.root,
    fetchList: fetchPublished,
    again: again.map((option) => ` ${option}`).join(''),
  });
}

const onlyInAws: ReadonlySet<string> = new Set(checks.flatMap(({ id, notLocal }) => (notLocal === undefined ? [] : [id])));

const paints = { error: pc.red, warning: pc.yellow } as const;

function report(
  { title, local }: Session['target'],
  findings: readonly Finding[],
  counts: Readonly<Record<string, number>>,
  { only }: DoctorOptions,
): string {
  const wrong = (['error', 'warning'] as const).flatMap((level) =>
    findings.filter((finding) => finding.level === level).flatMap((finding) => linesOf(finding, paints[level])),
  );
  const skippedChecks = findings.filter(({ level }) => level === 'skipped');
  // What no local run has is one line, unless it was asked for by name.
  const counted = local === undefined || only !== undefined ? [] : skippedChecks.filter(({ check }) => onlyInAws.has(check));
  const { errors = 0, warnings = 0, ok = 0, skipped = 0 } = counts;
  return [
    heading(title),
    '',
    ...wrong,
    ...skippedLines(skippedChecks.filter((finding) => !counted.includes(finding))),
    ...(counted.length === 0 ? [] : [`${pc.dim('skipped')}  ${counted.length} checks apply only in AWS (npm run ops -- doctor --list)`]),
    `${errors} wrong, ${warnings} to look at, ${ok} well, ${skipped} skipped`,
  ].join('\n');
}

/** Checks that were skipped for the same reason share a line. */
function skippedLines(findings: readonly Finding[]): readonly string[] {
  const byReason = new Map<string, string[]>();
  for (const { check, message } of findings) byReason.set(message, [...(byReason.get(message) ?? []), check]);
  return [...byReason].map(([reason, ids]) => `${pc.dim('skipped')}  ${ids.join(', ')}: ${printable(reason)}`);
}

function linesOf({ level, check, message, mend }: Finding, paint: (text: string) => string): readonly string[] {
  const said = `${paint(level.padEnd(7))}  ${check}: ${printable(message)}`;
  return mend === null ? [said] : [said, `         ${pc.dim('mend:')} ${printable(mend)}`, ''];
}
