import { check, integer, type Check } from './check';
import { eventFields, type EventFields } from './event-fields';
import { findPatternProblem } from './event-pattern';
import { busPattern } from './bus-pattern';
import { namesOf } from './naming';
import type { Environment } from './settings';
import { defaultHeader, defaultRatePerSecond, type HttpsTarget, type Subscriber } from './subscribers';

/** Names of the pipeline's own rules. */
const taken = ['high-value', 'failed', 'dispute', 'standard', 'reconcile'];

/** The dead letters' policy names every rule, and has no room for many more. */
const maxSubscribers = 40;

/** Most characters of a rule's pattern; AWS lets an account ask for more. */
const maxPatternLength = 2048;

/** Checks of the environment's own consumers, patterns included. */
export function subscriberChecks(environment: Environment): readonly Check[] {
  const { subscribers } = environment;
  if (subscribers.length === 0) return [];
  const fields = eventFields();
  const names = subscribers.map(({ name }) => name);
  return [
    check('subscribers', names, names.length <= maxSubscribers, `at most ${maxSubscribers} subscribers`),
    check('subscribers', names, new Set(names).size === names.length, 'each name once'),
    ...subscribers.flatMap((subscriber, index) => [
      ...nameChecks(subscriber, `subscribers[${index}].name`),
      ...patternChecks(subscriber, `subscribers[${index}].pattern`, fields),
      ...targetChecks(subscriber, `subscribers[${index}].target`, environment),
    ]),
  ];
}

/** Checks of the queues that alerts and alarms go to. */
export function alertTargetChecks(environment: Environment): readonly Check[] {
  return (['alertTargets', 'operationsTargets'] as const).flatMap((field) => {
    const arns = environment[field].map(({ queueArn }) => queueArn);
    return [
      ...arns.map((queueArn, index) => queueCheck(`${field}[${index}].queueArn`, queueArn, environment)),
      check(field, arns, new Set(arns).size === arns.length, 'each queue once'),
    ];
  });
}

function nameChecks({ name }: Subscriber, field: string): readonly Check[] {
  return [
    check(field, name, /^[a-z0-9]([a-z0-9-]{0,22}[a-z0-9])?$/.test(name), '1 to 24 of a-z, 0-9 and -, with a letter or digit at both ends'),
    check(field, name, !taken.includes(name), `another name than ${taken.join(', ')}, which are the pipeline's own rules`),
  ];
}

function patternChecks({ pattern }: Subscriber, field: string, fields: EventFields): readonly Check[] {
  const strange = Object.keys(pattern).find((key) => key !== 'detail');
  const found = findPatternProblem(pattern.detail, fields);
  const place = found === undefined || found.path === '' ? `${field}.detail` : `${field}.detail.${found.path}`;
  const length = busPattern(pattern.detail).length;
  return [
    wrong(`${field}.${strange ?? ''}`, strange === undefined ? undefined : 'is set by the pipeline: a pattern has detail alone'),
    wrong(place, found?.problem),
    wrong(
      field,
      length > maxPatternLength ? `has ${length} characters with source and detail type; EventBridge takes ${maxPatternLength}` : undefined,
    ),
  ];
}

/** A check whose message is a sentence of its own. */
function wrong(field: string, sentence: string | undefined): Check {
  return { ...check(field, undefined, sentence === undefined, ''), ...(sentence !== undefined && { sentence }) };
}

function targetChecks({ target }: Subscriber, field: string, environment: Environment): readonly Check[] {
  if ('https' in target) return httpsChecks(target.https, `${field}.https`, environment.localRun === true);
  if ('busArn' in target) return busChecks(target.busArn, `${field}.busArn`, environment);
  if ('queueArn' in target) return [queueCheck(`${field}.queueArn`, target.queueArn, environment)];
  const { functionArn } = target;
  const { account, where } = hereOf(environment);
  const ok = new RegExp(`^arn:aws:lambda:${environment.region}:${account}:function:[A-Za-z0-9_-]{1,64}(:[A-Za-z0-9_-]{1,128})?$`).test(
    functionArn,
  );
  return [check(`${field}.functionArn`, functionArn, ok, `the ARN of a function ${where}`)];
}

function queueCheck(field: string, queueArn: string, environment: Environment): Check {
  const { account, where } = hereOf(environment);
  const ok = new RegExp(`^arn:aws:sqs:${environment.region}:${account}:[A-Za-z0-9_-]{1,80}$`).test(queueArn);
  return check(field, queueArn, ok, `the ARN of a standard queue ${where}`);
}

/** The environment's account, as a pattern where it is not known, and the place in words. */
function hereOf({ region, accountId }: Environment): { readonly account: string; readonly where: string } {
  const of = accountId === undefined ? '' : ` of account ${accountId}`;
  return { account: accountId ?? String.raw`\d{12}`, where: `in ${region}${of}; one elsewhere gets events through busArn` };
}

function busChecks(busArn: string, field: string, { suffix, region, accountId }: Environment): readonly Check[] {
  const [, toRegion, toAccount, name] = /^arn:aws:events:([a-z0-9-]+):(\d{12}):event-bus\/([\w./-]{1,256})$/.exec(busArn) ?? [];
  const itself = name === namesOf(suffix, '').bus && toRegion === region && (accountId ?? toAccount) === toAccount;
  return [
    check(field, busArn, name !== undefined, 'the ARN of an event bus, such as arn:aws:events:eu-west-1:123456789012:event-bus/orders'),
    check(field, busArn, !itself, 'another bus than the environment’s own, which would send itself its own events for ever'),
  ];
}

function httpsChecks(
  { url, ratePerSecond = defaultRatePerSecond, header = defaultHeader }: HttpsTarget,
  field: string,
  localRun: boolean,
): readonly Check[] {
  return [
    ...urlChecks(url, `${field}.url`, localRun),
    integer(`${field}.ratePerSecond`, ratePerSecond, 1, 300),
    check(`${field}.header`, header, /^[A-Za-z0-9-]{1,256}$/.test(header), 'the name of a header, such as Authorization'),
  ];
}

function urlChecks(url: string, field: string, localRun: boolean): readonly Check[] {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const loopback = parsed?.protocol === 'http:' && /^(127(\.\d{1,3}){3}|\[::1\]|localhost)$/.test(parsed.hostname);
  const reachable = parsed?.protocol === 'https:' || (localRun && loopback);
  return [
    // The password, or what stands for one, is not shown.
    check(
      field,
      parsed === undefined ? url : `${parsed.protocol}//${parsed.host}…`,
      parsed?.username === '' && parsed.password === '',
      'a URL without user name and password, which would be in the Terraform state; npm run ops -- subscribers authorize sets a secret',
    ),
    check(field, url, reachable, 'a URL with https://; http:// only to this machine, and only in the local run'),
    check(field, url, url.length <= 2048 && !url.includes('*') && parsed?.hash === '', 'at most 2048 characters, without * and #'),
  ];
}
