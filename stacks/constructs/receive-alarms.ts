import { apiStageName, type Names } from '../naming';
import type { AlarmDefinition } from './alarms';
import { apiMetric, functionMetric, ownMetric, webAclMetric, type Metric } from './metrics';

/** What the alarms have to know of an environment. */
export interface WatchedEnvironment {
  readonly suffix: string;
  readonly region: string;
  readonly enabledProviders: readonly string[];
  /** Hours without a single webhook after which a provider counts as silent, 1 to 24. Providers that are not named are not watched. */
  readonly silentAfterHours: Readonly<Record<string, number>>;
  /** Consumers that have a rule of their own. */
  readonly subscribers: readonly { readonly name: string }[];
  /** Whether alerts and alarms are posted to HTTPS endpoints. */
  readonly alertEndpoints: boolean;
  /** Name of the web ACL, where there is one. */
  readonly webAclName: string | undefined;
}

/** Alarms of the way from the provider to the stored row. */
export function receiveAlarms(environment: WatchedEnvironment, names: Names): readonly AlarmDefinition[] {
  return [
    ...receiverAlarms(names),
    ...apiAlarms(names),
    ...environment.enabledProviders.flatMap((provider) => [signatureRejections(provider, names), unreadableWebhooks(provider, names)]),
    ...(environment.enabledProviders.includes('paypal') ? [issuerUnknown(names)] : []),
    ...Object.entries(environment.silentAfterHours).map(([provider, hours]) => providerSilent(provider, hours, names)),
    ...(environment.webAclName === undefined ? [] : webAclAlarms(environment.webAclName, environment.region)),
  ];
}

function receiverAlarms(names: Names): readonly AlarmDefinition[] {
  const receiver = names.ofFunction('webhook-receiver');
  return [
    {
      id: 'receiver-error-rate',
      meaning:
        'More than 1 % of the runs of webhook-receiver fail or end in an answer 5xx. Those webhooks are not stored; providers send them again, for a day or more.',
      runbook: 'receiver-error-rate',
      watch: {
        // Below 20 runs a single failure would be 5 %; then api-server-errors is the one to watch.
        // A fault that was answered is no error to Lambda, so the receiver counts those itself.
        expression: 'IF(m2 >= 20, 100 * SUM([m1, m3]) / m2, 0)',
        metrics: [functionMetric(receiver, 'Errors'), functionMetric(receiver, 'Invocations'), ownMetric(receiver, 'WebhookUnavailable')],
      },
      when: { above: 1 },
      periodSeconds: 300,
    },
    {
      id: 'receiver-throttles',
      meaning:
        'Lambda refuses runs of webhook-receiver for want of concurrency. Those webhooks are not stored; providers send them again, later and slower.',
      runbook: 'receiver-throttles',
      watch: functionMetric(receiver, 'Throttles'),
      when: { above: 0 },
      periodSeconds: 60,
      periods: [2, 5],
    },
    {
      id: 'event-conflicts',
      meaning:
        'A provider event came again with the same id and different content. The first copy stands; the second was answered 200 and not stored.',
      runbook: 'event-conflicts',
      watch: ownMetric(receiver, 'EventConflict'),
      when: { above: 0 },
      periodSeconds: 300,
    },
    {
      id: 'amount-unreadable',
      meaning:
        'A provider stated an amount that could not be read exactly. The event is stored and published without money, so no rule for high values sees it.',
      runbook: 'amount-unreadable',
      watch: ownMetric(receiver, 'AmountUnreadable'),
      when: { above: 0 },
      periodSeconds: 300,
    },
  ];
}

function apiAlarms(names: Names): readonly AlarmDefinition[] {
  return [
    {
      id: 'api-server-errors',
      meaning: 'Webhooks are answered 5xx. They are not stored yet; providers send them again, for a day or more, and then give up.',
      runbook: 'api-server-errors',
      watch: { expression: 'SUM([m1, m2])', metrics: webhookServerErrors(names) },
      when: { above: 0 },
      periodSeconds: 300,
      periods: [2, 6],
    },
    {
      id: 'api-latency',
      meaning: 'One webhook in a hundred takes over 5 seconds to answer. Square gives up after 10 and sends it again, which adds load.',
      runbook: 'api-latency',
      watch: apiMetric(names.api, apiStageName, 'Latency', 'p99'),
      when: { above: 5000 },
      periodSeconds: 300,
      periods: [3, 3],
    },
  ];
}

/** Without `GET /health`, whose 503 is an answer and no webhook. */
function webhookServerErrors(names: Names): readonly Metric[] {
  const routes = ['/webhook', '/webhook/{provider}'].map((Resource) => ({ Method: 'POST', Resource }));
  return routes.map((route) => apiMetric(names.api, apiStageName, '5XXError', 'Sum', route));
}

/** Why the receiver does not believe a webhook; the words are its own. */
export const signatureReasons = [
  'signature_missing',
  'signature_malformed',
  'signature_mismatch',
  'timestamp_too_old',
  'timestamp_too_new',
  'algorithm_not_allowed',
  'certificate_url_rejected',
  'certificate_rejected',
];

/** Why the receiver cannot take a webhook that may well be genuine. */
const unreadableReasons = ['body_too_large', 'body_not_json_object', 'field_missing', 'field_invalid'];

function rejectionsFor(reasons: readonly string[], provider: string, names: Names): AlarmDefinition['watch'] {
  const metrics = reasons.map((reason) => ownMetric(names.ofFunction('webhook-receiver'), 'WebhookRejected', { provider, reason }));
  return { expression: `SUM([${metrics.map((_, index) => `m${index + 1}`).join(', ')}])`, metrics };
}

function signatureRejections(provider: string, names: Names): AlarmDefinition {
  return {
    id: `signature-rejections-${provider}`,
    meaning: `Several webhooks of ${provider} were refused within an hour for their signature. Either the signing secret here is not the one at ${provider}, and no payment of theirs gets in, or somebody forges webhooks.`,
    runbook: 'signature-rejections',
    watch: rejectionsFor(signatureReasons, provider, names),
    when: { above: 2 },
    periodSeconds: 3600,
  };
}

function issuerUnknown(names: Names): AlarmDefinition {
  return {
    id: 'issuer-unknown-paypal',
    meaning:
      "PayPal signs with a certificate whose issuer is unknown here. Its webhooks are answered 503 and are not stored; PayPal retries for 3 days. Add the issuer to PayPal's secret.",
    runbook: 'issuer-unknown',
    watch: ownMetric(names.ofFunction('webhook-receiver'), 'WebhookUnavailable', { provider: 'paypal', reason: 'issuer_unknown' }),
    when: { above: 0 },
    periodSeconds: 300,
  };
}

function unreadableWebhooks(provider: string, names: Names): AlarmDefinition {
  return {
    id: `unreadable-webhooks-${provider}`,
    meaning: `Webhooks of ${provider} are answered 400 or 413: genuine, but not as we read them, or too large. They are not stored, and ${provider} gives up on them in the end.`,
    runbook: 'unreadable-webhooks',
    watch: rejectionsFor(unreadableReasons, provider, names),
    when: { above: 0 },
    periodSeconds: 300,
  };
}

function providerSilent(provider: string, hours: number, names: Names): AlarmDefinition {
  return {
    id: `provider-silent-${provider}`,
    meaning: `Not one webhook of ${provider} was stored in ${hours} h. Payments may go on at ${provider} without being seen here.`,
    runbook: 'provider-silent',
    // Hour by hour, so that a silence counts from its first hour and not from midnight. Filled, for CloudWatch looks further back than the
    // hours asked for when it finds none in them, and would take a webhook from before the silence for the latest news.
    watch: { expression: 'FILL(m1, 0)', metrics: [ownMetric(names.ofFunction('webhook-receiver'), 'WebhookReceived', { provider })] },
    when: { below: 1 },
    periodSeconds: 3600,
    periods: [hours, hours],
    missingData: 'breaching',
  };
}

function webAclAlarms(webAclName: string, region: string): readonly AlarmDefinition[] {
  const blocked = (rule: string) => webAclMetric(webAclName, region, rule, 'BlockedRequests');
  return [
    {
      id: 'web-acl-refusals',
      meaning:
        'The web ACL refuses requests for their rate or size. When they are webhooks, the provider sends them again; one that is always too large never gets in.',
      runbook: 'web-acl-refusals',
      watch: { expression: 'SUM([m1, m2, m3])', metrics: ['rate-limit', 'body-too-large', 'body-of-unknown-length'].map(blocked) },
      when: { above: 0 },
      periodSeconds: 300,
      periods: [2, 3],
    },
    {
      id: 'web-acl-blocks',
      meaning:
        'The web ACL stops many requests, 100 and more in five minutes. Mostly this is a scan of the internet; check that no provider is among them.',
      runbook: 'web-acl-blocks',
      watch: blocked('ALL'),
      when: { above: 100 },
      periodSeconds: 300,
      periods: [3, 3],
    },
  ];
}
