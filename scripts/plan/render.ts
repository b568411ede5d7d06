import pc from 'picocolors';
import { risks, type Finding, type Risk } from './finding';
import type { ReviewedResource, StackReview } from './review';

/** A review with what was acknowledged on the command line. */
export interface Rendering {
  readonly title: string;
  readonly reviews: readonly StackReview[];
  readonly acknowledged: ReadonlySet<string>;
  /** Stacks that could not be planned yet, and why. */
  readonly notes: readonly string[];
}

const evidenceLimit = 12;
const outcomes = ['destroyed', 'replaced', 'forgotten', 'changed', 'created', 'moved'] as const;
const colours = {
  destroyed: pc.red,
  replaced: pc.magenta,
  forgotten: pc.magenta,
  changed: pc.yellow,
  created: pc.green,
  moved: pc.cyan,
} as const;

/** The review for a terminal. */
export function renderText({ title, reviews, acknowledged, notes }: Rendering): string {
  const stacks = reviews.flatMap((review) => [
    '',
    pc.bold(`${review.stack}: ${summary(review)}`),
    ...byConstruct(review.resources).flatMap(([construct, resources]) => [
      `  ${pc.bold(construct)}`,
      ...resources.flatMap((resource) => [
        `    ${colours[resource.outcome](resource.outcome.padEnd(9))} ${resource.address}`,
        ...resource.details.map((detail) => pc.dim(`              ${detail}`)),
      ]),
    ]),
    ...section('  Changed outside of Terraform since the last apply:', review.changedElsewhere, '    '),
    ...textFindings(review.findings, acknowledged),
  ]);
  return [pc.bold(title), ...stacks, ...section('\nNot planned:', notes, '  '), '', verdict(reviews, acknowledged)].join('\n');
}

function textFindings(findings: readonly Finding[], acknowledged: ReadonlySet<string>): readonly string[] {
  return byRisk(findings).flatMap(([risk, ofRisk]) => [
    `  ${pc.red(pc.bold(risks[risk]))}`,
    ...ofRisk.flatMap((finding) => [
      `    ${finding.says} ${acknowledged.has(finding.id) ? pc.green('(acknowledged)') : ''}`.trimEnd(),
      `      ${finding.address}  ${pc.cyan(finding.id)}`,
      ...shortened(finding.evidence).map((line) => `      - ${line}`),
    ]),
  ]);
}

/** The review for a pull request. */
export function renderMarkdown({ title, reviews, acknowledged, notes }: Rendering): string {
  const stacks = reviews.flatMap((review) => [
    `### ${review.stack}`,
    '',
    summary(review),
    '',
    ...markdownFindings(review.findings, acknowledged),
    ...section('**Changed outside of Terraform since the last apply**\n', review.changedElsewhere.map(code), '- '),
    ...(review.resources.length === 0 ? [] : ['| construct | | resource | differences |', '|---|---|---|---|']),
    ...byConstruct(review.resources).flatMap(([construct, resources]) =>
      resources.map(
        ({ outcome, address, details }) => `| ${cell(construct)} | ${outcome} | ${code(address)} | ${details.map(code).join('<br>')} |`,
      ),
    ),
    '',
  ]);
  return [`## ${title}`, '', ...stacks, ...section('**Not planned**\n', notes, '- '), verdict(reviews, acknowledged)].join('\n');
}

function markdownFindings(findings: readonly Finding[], acknowledged: ReadonlySet<string>): readonly string[] {
  return byRisk(findings).flatMap(([risk, ofRisk]) => [
    `**${risks[risk]}**`,
    '',
    ...ofRisk.flatMap((finding) => [
      `- [${acknowledged.has(finding.id) ? 'x' : ' '}] ${cell(finding.says)} ${code(finding.address)} (${code(finding.id)})`,
      ...shortened(finding.evidence).map((line) => `  - ${code(line)}`),
    ]),
    '',
  ]);
}

function verdict(reviews: readonly StackReview[], acknowledged: ReadonlySet<string>): string {
  const findings = reviews.flatMap((review) => review.findings);
  const open = findings.filter(({ id }) => !acknowledged.has(id));
  if (findings.length === 0) return 'Nothing here puts data at risk or widens access.';
  if (open.length === 0) return `All ${findings.length} findings are acknowledged.`;
  return [
    `${open.length} of ${findings.length} findings are not acknowledged. When each is meant, run this again with:`,
    `  ${open.map(({ id }) => `--acknowledge ${id}`).join(' ')}`,
  ].join('\n');
}

function summary({ resources, unchanged }: StackReview): string {
  const counts = outcomes.flatMap((outcome) => {
    const count = resources.filter((resource) => resource.outcome === outcome).length;
    return count === 0 ? [] : [`${count} ${outcome}`];
  });
  return [...(counts.length === 0 ? ['no changes'] : counts), `${unchanged} unchanged`].join(', ');
}

function byConstruct(resources: readonly ReviewedResource[]): readonly (readonly [string, readonly ReviewedResource[]])[] {
  const ordered = [...resources].sort((one, other) => outcomes.indexOf(one.outcome) - outcomes.indexOf(other.outcome));
  return grouped(ordered, ({ construct }) => construct).sort(([one], [other]) => one.localeCompare(other));
}

function byRisk(findings: readonly Finding[]): readonly (readonly [Risk, readonly Finding[]])[] {
  return grouped(findings, ({ risk }) => risk);
}

function grouped<Key, Item>(items: readonly Item[], keyOf: (item: Item) => Key): [Key, readonly Item[]][] {
  return [...new Set(items.map(keyOf))].map((key) => [key, items.filter((item) => keyOf(item) === key)]);
}

function section(heading: string, lines: readonly string[], bullet: string): readonly string[] {
  return lines.length === 0 ? [] : [heading, ...lines.map((line) => `${bullet}${line}`), ''];
}

function shortened(lines: readonly string[]): readonly string[] {
  const rest = lines.length - evidenceLimit;
  return rest <= 0 ? lines : [...lines.slice(0, evidenceLimit), `and ${rest} more (--json shows them all)`];
}

function code(text: string): string {
  return text === '' ? '' : `\`${text.replaceAll('`', "'").replaceAll('|', '\\|').replaceAll('\n', ' ')}\``;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
