import * as v from 'valibot';
import { at, json, type Resource } from '../synthesized';

/** A resource that breaks a rule. */
export interface Finding {
  /** The resource's path, with `#` and the statement's Sid where the finding is about a statement. */
  readonly place: string;
  readonly why: string;
}

export interface Exception {
  readonly place: string;
  readonly reason: string;
}

/** Something that holds for every resource of every environment. */
export interface Rule {
  readonly id: string;
  readonly what: string;
  /** The same idea at Checkov (`CKV…`) and in Security Hub's standards (`S3.8`). */
  readonly knownAs?: readonly string[];
  /** The environments in which it has to hold. Default: all. */
  readonly where?: readonly string[];
  readonly check: (resources: readonly Resource[]) => readonly Finding[];
  readonly exceptions?: readonly Exception[];
  /** Resources that break the rule, each in its own way; the check finds every one of them. */
  readonly bad: readonly (readonly Resource[])[];
}

export interface Verdict {
  readonly findings: readonly Finding[];
  readonly excused: readonly Exception[];
}

/** What breaks the rule, and which exceptions were needed. */
export function judge(rule: Rule, resources: readonly Resource[]): Verdict {
  const all = rule.check(resources);
  const exceptions = rule.exceptions ?? [];
  return {
    findings: all.filter((finding) => !exceptions.some(({ place }) => place === finding.place)),
    excused: exceptions.filter(({ place }) => all.some((finding) => finding.place === place)),
  };
}

/** A resource for a fixture. */
export function resource(type: string, path: string, properties: Resource['properties']): Resource {
  return { type, path, address: `${type}.${path.replaceAll('/', '_')}`, properties };
}

/** A finding per resource of the type that is not as it should be. */
export function each(type: string, isGood: (properties: Resource['properties'], all: readonly Resource[]) => boolean, why: string) {
  return (resources: readonly Resource[]): readonly Finding[] =>
    ofType(resources, type)
      .filter(({ properties }) => !isGood(properties, resources))
      .map(({ path }) => ({ place: path, why }));
}

export function ofType(resources: readonly Resource[], type: string): readonly Resource[] {
  return resources.filter((candidate) => candidate.type === type);
}

/** The resource that a property such as `${aws_sqs_queue.x.arn}` refers to. */
export function referred(resources: readonly Resource[], value: unknown): Resource | undefined {
  const address = /^\$\{([\w-]+\.[\w-]+)\.\w+\}$/.exec(String(value))?.[1];
  return resources.find((candidate) => candidate.address === address);
}

const texts = v.union([
  v.pipe(
    v.string(),
    v.transform((text) => [text]),
  ),
  v.array(v.string()),
]);
const statementSchema = v.looseObject({
  Sid: v.string(),
  Effect: v.picklist(['Allow', 'Deny']),
  Principal: v.optional(v.unknown()),
  Action: texts,
  Resource: v.optional(texts, []),
  Condition: v.optional(v.record(v.string(), v.record(v.string(), v.unknown())), {}),
});
export type ParsedStatement = v.InferOutput<typeof statementSchema>;

export interface PlacedStatement {
  readonly owner: Resource;
  readonly statement: ParsedStatement;
  readonly place: string;
}

const parsed = new WeakMap<readonly Resource[], readonly PlacedStatement[]>();

/** Every statement of every policy in the stacks. */
export function statementsOf(resources: readonly Resource[]): readonly PlacedStatement[] {
  // Rules ask per resource.
  const statements = parsed.get(resources) ?? parseStatements(resources);
  parsed.set(resources, statements);
  return statements;
}

function parseStatements(resources: readonly Resource[]): readonly PlacedStatement[] {
  return resources.flatMap((owner) =>
    ['policy', 'policy_document', 'assume_role_policy'].flatMap((property) => {
      const text = owner.properties[property];
      if (typeof text !== 'string') return [];
      const statements = v.parse(v.array(statementSchema), at(json(text), 'Statement'));
      return statements.map((statement) => ({ owner, statement, place: `${owner.path}#${statement.Sid}` }));
    }),
  );
}

/** A policy in JSON for a fixture, made of one statement. */
export function policy(statement: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ Statement: [{ Sid: 'Bad', Effect: 'Allow', ...statement }] });
}

/** Names of the services that may use the statement. */
export function servicesOf(statement: ParsedStatement): readonly string[] {
  const services = v.safeParse(texts, at(statement.Principal, 'Service'));
  return services.success ? services.output : [];
}
