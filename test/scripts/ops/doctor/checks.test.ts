import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { textAt } from '../../../../scripts/local/json';
import { checks } from '../../../../scripts/ops/doctor/checks';
import { examine } from '../../../../scripts/ops/doctor/check';
import type { Expected } from '../../../../scripts/ops/doctor/expected';
import { statementsIn } from '../../../../scripts/ops/doctor/policies';
import { namesOf } from '../../../../stacks/naming';
import { accountId, awsFault, expectedOf, fakePatient, found, now, said, type Answers, type FakeOptions } from './fake-patient';
import {
  alarmAnswers,
  functionAnswer,
  functionsOfProduction,
  healthyAccount,
  ipSetAnswer,
  mappingAnswer,
  queueAttributes,
  queueIn,
} from './healthy-account';

const names = namesOf('prod', accountId);
const day = 86_400_000;
let expected: Expected;
let healthy: Answers;

beforeAll(async () => {
  expected = await expectedOf();
  healthy = healthyAccount(expected);
});

/** The healthy account with some answers changed. */
function patient(changes: Answers = {}, options: FakeOptions = {}) {
  return fakePatient({ ...healthy, ...changes }, { expected, ...options });
}

/** Checks that need rows, secrets, a clock or a list, and are tested beside this. */
const elsewhere = new Set([
  'secret-set',
  'secret-shape',
  'square-url',
  'paypal-environment',
  'api-key-mode',
  'livemode',
  'secret-rotation',
  'alert-endpoints',
  'provider-silent',
  'clock-skew',
  'trusted-ranges-published',
]);

describe('the checks', () => {
  it('are more than 20, each with a name of its own, a title and something that mends it', () => {
    expect(checks.length).toBeGreaterThan(20);
    expect(new Set(checks.map(({ id }) => id)).size).toBe(checks.length);
    for (const check of checks) {
      expect([check.id, check.id]).toEqual([check.id, expect.stringMatching(/^[a-z]+(-[a-z]+)*$/)]);
      expect([check.id, check.title.length > 10, check.mend(patient()).length > 10]).toEqual([check.id, true, true]);
    }
  });

  it('are each in docs/ops.md, with their title', () => {
    const page = readFileSync('docs/ops.md', 'utf8');
    for (const { id, title } of checks) expect(page).toContain(`| \`${id}\` | ${title} |`);
  });

  it('say ok of an account that is as it was synthesized', async () => {
    for (const { id } of checks.filter((check) => !elsewhere.has(check.id))) expect([id, await said(id, patient())]).toEqual([id, ['ok']]);
  });

  it('say skipped with the reason, and never ok, where the endpoint knows no call or the credentials may make none', async () => {
    const refused = new Proxy({}, { get: () => awsFault('AccessDeniedException', 'not you') });
    for (const check of checks) {
      for (const answers of [{}, refused]) {
        const levels = (await examine(check, fakePatient(answers, { expected }))).map(({ level }) => level);
        expect([check.id, levels]).toEqual([check.id, ['skipped']]);
      }
    }
  });

  it('say skipped where nothing was synthesized to compare with', async () => {
    const finding = (await found('log-retention', fakePatient(healthy)))[0];
    expect(finding).toMatchObject({ level: 'skipped', message: 'what it should be like is not known: nothing was synthesized' });
  });

  it('call a fault of their own an error', async () => {
    const check = { id: 'x', title: 'x', run: () => Promise.reject(new TypeError('undefined is not a function')), mend: () => '' };
    expect(await examine(check, patient())).toMatchObject([
      { level: 'error', message: expect.stringContaining('the check itself failed') },
    ]);
  });
});

describe('function checks', () => {
  const functions = (changes: object) => ({
    GetFunctionConfiguration: (input: { FunctionName: string }) => functionAnswer(expected, input.FunctionName, changes),
  });

  it('function-state finds a function that is gone, cannot run, or was not updated', async () => {
    expect(await said('function-state', patient({ GetFunctionConfiguration: awsFault('ResourceNotFoundException') }))).toEqual(
      expect.arrayContaining(functionsOfProduction.map((name) => `error: there is no function ${name}`)),
    );
    expect(await said('function-state', patient(functions({ State: 'Failed', StateReason: 'no key' })))).toContain(
      'error: webhook-receiver-prod cannot run: no key',
    );
    expect(
      await said('function-state', patient(functions({ LastUpdateStatus: 'Failed', LastUpdateStatusReason: 'no network' }))),
    ).toContain('error: the last update of event-relay-prod failed: no network');
  });

  it('function-code finds other code than was built here', async () => {
    const finding = await found('function-code', patient(functions({ CodeSha256: 'another' })));
    expect(finding).toHaveLength(functionsOfProduction.length);
    expect(finding[0]).toMatchObject({
      level: 'warning',
      mend: 'npm run build && ENVIRONMENT_SUFFIX=prod npx cdktf deploy payment-webhooks-prod',
    });
  });

  it('function-settings finds what somebody changed in the console', async () => {
    const [first] = await said('function-settings', patient(functions({ Timeout: 3, Environment: { Variables: {} } })));
    expect(first).toMatch(/is not as synthesized: its timeout is 3 s; [A-Z_]+ is missing, not /);
  });

  it.each([
    ['nodejs22.x', Date.UTC(2027, 0, 15), /^warning: nodejs22\.x is patched until 2027-04-30, 105 days/],
    ['nodejs20.x', now, /^error: nodejs20\.x is patched no more since 2026-04-30/],
    ['nodejs99.x', now, /^warning: .*the end of nodejs99\.x is not known here/],
  ])('runtime-end tells the age of %s', async (Runtime, at, message) => {
    const ill = patient(functions({ Runtime }));
    Object.defineProperty(ill, 'now', { value: at });
    expect(await said('runtime-end', ill)).toEqual([expect.stringMatching(message)]);
  });

  it('reserved-concurrency finds a reservation over the quota, asked of Lambda or of Service Quotas, and a stopped function', async () => {
    const over = "error: the functions reserve 105 concurrent runs, and of the account's 200 only 100 can be reserved";
    expect(await said('reserved-concurrency', patient({ GetAccountSettings: { AccountLimit: { ConcurrentExecutions: 200 } } }))).toEqual([
      over,
    ]);
    const quota = { GetAccountSettings: awsFault('AccessDeniedException'), GetServiceQuota: { Quota: { Value: 200 } } };
    expect(await said('reserved-concurrency', patient(quota))).toEqual([over]);
    expect(await said('reserved-concurrency', patient({ GetFunctionConcurrency: { ReservedConcurrentExecutions: 0 } }))).toContain(
      'error: webhook-receiver-prod may not run at all: its reserved concurrency is 0',
    );
  });

  const mappings = (changes: object) => ({
    ListEventSourceMappings: (input: { FunctionName: string }) =>
      mappingAnswer(expected, input.FunctionName.split(':').at(-1) ?? '', changes),
  });

  it('mapping-enabled finds a trigger that is switched off or gone, and how to switch it on', async () => {
    const ill = await found('mapping-enabled', patient(mappings({ State: 'Disabled' })));
    expect(ill.map(({ message, mend }) => [message, mend]).sort()).toEqual([
      [
        'what starts audit-logger-prod is disabled: its work piles up',
        expect.stringMatching(/--enabled --uuid uuid-of-audit-logger-prod$/),
      ],
      ['what starts event-processor-prod is disabled: its work piles up', 'npm run ops -- resume processing --env prod'],
      ['what starts event-relay-prod is disabled: its work piles up', expect.stringMatching(/--uuid uuid-of-event-relay-prod$/)],
      ['what starts notification-handler-prod is disabled: its work piles up', 'npm run ops -- resume notifications --env prod'],
    ]);
    expect(await said('mapping-enabled', patient({ ListEventSourceMappings: { EventSourceMappings: [] } }))).toContain(
      'error: nothing starts event-relay-prod: its event source mapping is gone',
    );
  });

  it('mapping-settings finds another batch or concurrency, and failures that are not reported', async () => {
    expect(await said('mapping-settings', patient(mappings({ BatchSize: 1, ScalingConfig: { MaximumConcurrency: 2 } })))).toContain(
      'warning: the trigger of event-processor-prod is not as synthesized: batch size 1, not 10; maximum concurrency 2, not 50',
    );
    expect(await said('mapping-settings', patient(mappings({ FunctionResponseTypes: [] })))).toContain(
      'error: the trigger of event-processor-prod: partial failures are not reported: messages that fail are deleted with the batch',
    );
  });
});

describe('queue checks', () => {
  const queues = (name: string, changes: Readonly<Record<string, string>>) => ({
    GetQueueAttributes: (input: unknown) => queueAttributes(expected, queueIn(input), queueIn(input) === name ? changes : {}),
  });

  it('dead-letters finds letters that wait, and a queue that is gone', async () => {
    const ill = await found('dead-letters', patient(queues(names.routingDeadLetters, { ApproximateNumberOfMessages: '3' })));
    expect(ill).toMatchObject([
      { level: 'error', message: '3 in routing: published, a rule could not deliver', mend: 'npm run ops -- dlq show routing --env prod' },
    ]);
    expect(await said('dead-letters', patient({ noQueue: names.relayDeadLetters }))).toEqual([
      `error: there is no queue ${names.relayDeadLetters}: what fails there is lost`,
    ]);
  });

  it('queue-redrive finds a queue without dead letters, and one that shows its messages too soon', async () => {
    expect(await said('queue-redrive', patient(queues(names.processingQueue, { RedrivePolicy: '' })))).toEqual([
      `error: ${names.processingQueue} has no dead letters: what fails is tried until it is forgotten`,
    ]);
    expect(await said('queue-redrive', patient(queues(names.notificationQueue, { VisibilityTimeout: '30' })))).toEqual([
      expect.stringMatching(/^error: payment-notification-prod shows a message again after 30 s/),
    ]);
  });

  it('queue-redrive looks at the queue of the posted alerts where there is one', async () => {
    const posting = await expectedOf('prod', { ALERT_ENDPOINTS: 'true' });
    const attributes = (name: string) => queueAttributes(posting, name, name === names.forwardingQueue ? { RedrivePolicy: '' } : {});
    const answers = { GetQueueAttributes: (input: unknown) => attributes(queueIn(input)) };
    expect(await said('queue-redrive', patient(answers, { expected: posting }))).toEqual([
      `error: ${names.forwardingQueue} has no dead letters: what fails is tried until it is forgotten`,
    ]);
    expect(await said('queue-redrive', patient(answers))).toEqual(['ok']);
  });

  it('queue-policy knows the ARN of a rule on the default bus', () => {
    const policies = expected.of('aws_sqs_queue_policy').map((policy) => policy.text('policy'));
    expect(policies.join()).toContain(':rule/payment-reconcile-prod"');
    expect(policies.join()).toContain(':rule/payment-events-prod/payment-dispute-prod"');
  });

  it('queue-policy finds a sender that is not let in', async () => {
    const messages = await said('queue-policy', patient(queues(names.notificationQueue, { Policy: '{"Statement":[]}' })));
    expect(messages).toEqual([
      `error: the policy of ${names.notificationQueue}: TlsOnly is missing, so plain HTTP is let in`,
      `error: the policy of ${names.notificationQueue}: FromEvents is missing, so what that sends is refused`,
    ]);
  });

  it('event-rules finds a rule that is gone, disabled, without a target or without dead letters', async () => {
    const asked: unknown[] = [];
    const gone = (input: unknown): Error => {
      asked.push(input);
      return awsFault('ResourceNotFoundException');
    };
    const rules = expected.of('aws_cloudwatch_event_rule');
    expect(await said('event-rules', patient({ DescribeRule: gone }))).toEqual(
      rules.map((rule) => `error: there is no rule ${rule.text('name')}: its events reach nobody`),
    );
    expect(asked).toContainEqual({ Name: 'payment-dispute-prod', EventBusName: 'payment-events-prod' });
    expect(asked).toContainEqual({ Name: 'payment-reconcile-prod', EventBusName: 'default' });
    const [disabled] = await found('event-rules', patient({ DescribeRule: { State: 'DISABLED' } }));
    expect(disabled?.mend).toMatch(/^aws events enable-rule --event-bus-name payment-events-prod/);
    expect((await said('event-rules', patient({ ListTargetsByRule: { Targets: [] } })))[0]).toMatch(/^error: .* has no target/);
    expect((await said('event-rules', patient({ ListTargetsByRule: { Targets: [{ Id: 'a' }] } })))[0]).toMatch(
      /^warning: .* has no dead letters/,
    );
  });
});

describe('alarm checks', () => {
  it('alarm-missing finds an alarm that was deleted', async () => {
    const [first, ...rest] = expected.of('aws_cloudwatch_metric_alarm').map((alarm) => alarm.text('alarm_name'));
    const others = { MetricAlarms: rest.map((AlarmName) => ({ AlarmName })) };
    expect(await said('alarm-missing', patient({ DescribeAlarms: others }))).toEqual([`error: there is no alarm ${String(first)}`]);
  });

  it('alarm-actions finds alarms that tell nobody', async () => {
    const off = await found('alarm-actions', patient({ DescribeAlarms: alarmAnswers(expected, { ActionsEnabled: false }) }));
    expect(off[0]).toMatchObject({
      level: 'error',
      mend: expect.stringMatching(/^aws cloudwatch enable-alarm-actions --alarm-names payment-/),
    });
    const [mute] = await said('alarm-actions', patient({ DescribeAlarms: alarmAnswers(expected, { AlarmActions: [] }) }));
    expect(mute).toMatch(/does not tell the operations topic$/);
  });

  it('alarm-state names what rings, and its page', async () => {
    const [first] = await found('alarm-state', patient({ DescribeAlarms: alarmAnswers(expected, { StateValue: 'ALARM' }) }));
    expect(first).toMatchObject({ level: 'warning', mend: expect.stringMatching(/^see docs\/runbook\/[a-z-]+\.md$/) });
  });

  it('topic-subscribers and email-confirmed find topics that reach nobody, and who has not confirmed', async () => {
    const waiting = { Subscriptions: [{ Protocol: 'email', Endpoint: 'b@example.com', SubscriptionArn: 'PendingConfirmation' }] };
    expect(await said('topic-subscribers', patient({ ListSubscriptionsByTopic: waiting }))).toEqual([
      'error: payment-alerts-prod has no confirmed subscriber: nobody is told about payments',
      'error: operations-alarms-prod has no confirmed subscriber: every alarm rings unheard',
    ]);
    expect(await said('email-confirmed', patient({ ListSubscriptionsByTopic: waiting }))).toContain(
      'warning: b@example.com (email) has not confirmed its subscription to operations-alarms-prod',
    );
    expect((await said('topic-subscribers', patient({ ListSubscriptionsByTopic: awsFault('NotFoundException') })))[0]).toMatch(
      /there is no topic/,
    );
  });

  it('topic-subscribers does not take the queue of the posted alerts for somebody, where they are posted nowhere', async () => {
    const Endpoint = `arn:aws:sqs:eu-west-1:${accountId}:${names.forwardingQueue}`;
    const Subscriptions = [{ Protocol: 'sqs', Endpoint, SubscriptionArn: 'arn:aws:sns:subscription' }];
    const posting = (SecretString: string) => ({
      ListSubscriptionsByTopic: { Subscriptions },
      DescribeSecret: { LastChangedDate: new Date(now), VersionIdsToStages: { one: ['AWSCURRENT'] } },
      GetSecretValue: { SecretString },
    });
    const url = 'https://chat.example.com/hidden';
    expect(await said('topic-subscribers', patient(posting(JSON.stringify({ alerts: [url] }))))).toEqual([
      'error: operations-alarms-prod is only posted, and to no endpoint: every alarm rings unheard',
    ]);
    expect(await said('topic-subscribers', patient(posting(JSON.stringify({ alerts: [url], operations: [url] }))))).toEqual(['ok']);
    expect(await said('topic-subscribers', patient(posting('hidden')))).toHaveLength(2);
  });
});

describe('edge checks', () => {
  it('web-acl-associated finds an API without its web ACL', async () => {
    expect(await said('web-acl-associated', patient({ GetWebACLForResource: {} }))).toEqual([
      'error: no web ACL stands in front of the API: nothing limits what one address sends',
    ]);
    expect((await said('web-acl-associated', patient({ GetWebACLForResource: { WebACL: { Name: 'other' } } })))[0]).toMatch(
      /another web ACL \(other\)/,
    );
  });

  it('web-acl-order finds a provider that can be blocked', async () => {
    const acl = (Rules: readonly object[]) => ({ GetWebACLForResource: { WebACL: { Name: names.webAcl, Rules } } });
    const block = { Name: 'rate-limit', Priority: 0, Action: { Block: {} } };
    const trusted = (Priority: number) => ({ Name: 'trusted-stripe', Priority, Action: { Allow: {} } });
    expect(await said('web-acl-order', patient(acl([block, trusted(1)])))).toEqual([
      "error: the web ACL has no rule trusted-square that allows: this provider's webhooks can be blocked",
      "error: the web ACL looks at trusted-stripe after rate-limit: this provider's webhooks can be blocked",
    ]);
  });

  it('trusted-ranges-deployed finds addresses that are missing or too many', async () => {
    const other = {
      GetIPSet: (input: { Name: string }) =>
        input.Name.endsWith('-square') ? { IPSet: { Addresses: ['34.202.99.168/32', '9.9.9.9/32'] } } : ipSetAnswer(expected, input),
    };
    expect(await said('trusted-ranges-deployed', patient(other))).toEqual([
      'error: payment-webhooks-prod-square is not as synthesized: 54.245.1.154/32 would be rate limited; 9.9.9.9/32 should not be trusted',
    ]);
  });

  it('trusted-ranges-published compares the file with what the provider publishes, and says so when it cannot', async () => {
    const at = (published: string | Error) => patient({}, { published, root: process.cwd() });
    expect(await said('trusted-ranges-published', at(new Error('offline')))).toEqual(['skipped: offline']);
    const [message] = await said('trusted-ranges-published', at('3.18.12.63\n9.9.9.9\n'));
    expect(message).toMatch(
      /^error: stripe is not what https:.* says: 9\.9\.9\.9\/32 would be rate limited; 3\.69\.109\.8\/32, .* should not be trusted$/,
    );
  });

  it('stage-throttle finds another rate', async () => {
    const other = { GetStage: { methodSettings: { '*/*': { throttlingRateLimit: 10, throttlingBurstLimit: 20 } } } };
    expect(await said('stage-throttle', patient(other))).toEqual([
      'error: the stage is throttled at 10 a second, burst 20, and the environment says 1000 a second, burst 2000',
    ]);
  });

  it('custom-domain finds a name that is not ready, and a certificate that is not issued or ends', async () => {
    expect(await said('custom-domain', patient({ GetDomainName: { domainNameStatus: 'PENDING_CERTIFICATE_REIMPORT' } }))).toEqual([
      'error: webhooks.example.com is not ready: PENDING_CERTIFICATE_REIMPORT',
    ]);
    expect(await said('custom-domain', patient({ DescribeCertificate: { Certificate: { Status: 'PENDING_VALIDATION' } } }))).toEqual([
      'error: the certificate of webhooks.example.com is PENDING_VALIDATION',
    ]);
    const ending = { DescribeCertificate: { Certificate: { Status: 'ISSUED', NotAfter: new Date(now + 9 * day) } } };
    expect(await said('custom-domain', patient(ending))).toEqual([
      'error: the certificate of webhooks.example.com ends in 9 days and was not renewed',
    ]);
  });
});

describe('key checks', () => {
  it('key-policy finds each edge that is missing, changed, or written in another way but the same', async () => {
    const statements = (statementsIn(expected.of('aws_kms_key')[0]?.text('policy') ?? '') ?? []).map((one) => ({
      ...one,
      Sid: textAt(one, 'Sid'),
    }));
    const live = (Statement: readonly object[]) => patient({ GetKeyPolicy: { Policy: JSON.stringify({ Statement }) } });
    for (const { Sid } of statements) {
      const others = statements.filter((statement) => statement.Sid !== Sid);
      expect(await said('key-policy', live(others))).toEqual([expect.stringMatching(new RegExp(`^error: ${Sid} is missing: `))]);
    }
    const changed = statements.map((statement) =>
      statement.Sid === 'AlarmsToOperationsTopic' ? { ...statement, Condition: {} } : statement,
    );
    expect(await said('key-policy', live(changed))).toEqual([
      expect.stringMatching(/^error: AlarmsToOperationsTopic was changed: CloudWatch/),
    ]);
    expect(
      await said('key-policy', live([...statements].reverse().map((one) => Object.fromEntries(Object.entries(one).reverse())))),
    ).toEqual(['ok']);
  });

  it('key-usable finds a key that is disabled, about to go, or never turned over', async () => {
    const key = (KeyState: string, Enabled: boolean) => patient({ DescribeKey: { KeyMetadata: { KeyId: 'key-1', KeyState, Enabled } } });
    expect((await found('key-usable', key('PendingDeletion', false)))[0]?.mend).toBe('aws kms cancel-key-deletion --key-id key-1');
    expect((await found('key-usable', key('Disabled', false)))[0]?.mend).toBe('aws kms enable-key --key-id key-1');
    expect((await said('key-usable', patient({ GetKeyRotationStatus: { KeyRotationEnabled: false } })))[0]).toMatch(
      /^warning: .* is not turned over/,
    );
  });
});

describe('data checks', () => {
  it.each([
    ['table-stream', { DescribeTable: { Table: {} } }, /stream of payment-events-prod is off/],
    [
      'table-stream',
      { DescribeTable: { Table: { StreamSpecification: { StreamEnabled: true, StreamViewType: 'KEYS_ONLY' } } } },
      /KEYS_ONLY/,
    ],
    ['table-expiry', { DescribeTimeToLive: {} }, /never expire/],
    [
      'table-expiry',
      { DescribeTimeToLive: { TimeToLiveDescription: { TimeToLiveStatus: 'ENABLED', AttributeName: 'ttl' } } },
      /by ttl, not/,
    ],
    ['table-recovery', { DescribeContinuousBackups: {} }, /point-in-time recovery of payment-events-prod is off/],
    ['table-protection', { DescribeTable: { Table: { DeletionProtectionEnabled: false } } }, /can be deleted/],
    [
      'bucket-public',
      { GetPublicAccessBlock: { PublicAccessBlockConfiguration: { BlockPublicAcls: true } } },
      /is not closed to the public/,
    ],
    ['bucket-public', { GetPublicAccessBlock: awsFault('NoSuchPublicAccessBlockConfiguration') }, /is not closed to the public/],
    ['bucket-versioning', { GetBucketVersioning: { Status: 'Suspended' } }, /keeps no former versions/],
    ['audit-lock', { GetObjectLockConfiguration: awsFault('ObjectLockConfigurationNotFoundError') }, /has no lock/],
    [
      'audit-lock',
      {
        GetObjectLockConfiguration: {
          ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 1 } } },
        },
      },
      /is locked by GOVERNANCE for 1 days, and the environment says COMPLIANCE for 400/,
    ],
  ])('%s finds its fault', async (id, changes, message) => {
    expect((await said(id, patient(changes)))[0]).toMatch(message);
  });
});

describe('account checks', () => {
  it('account finds credentials of another account', async () => {
    expect(await said('account', patient({ GetCallerIdentity: { Account: '999999999999' } }))).toEqual([
      'error: the credentials are of the account 999999999999, and the pipeline is in 123456789012',
    ]);
  });

  it('parameter finds settings that the functions cannot read', async () => {
    expect((await said('parameter', patient({ GetParameter: { Parameter: { Value: '{"highValueThresholds":{}}' } } })))[0]).toMatch(
      /^error: the settings in .* are not valid/,
    );
    expect((await said('parameter', patient({ GetParameter: awsFault('ParameterNotFound') })))[0]).toMatch(/^error: there is no parameter/);
  });

  it('log-retention finds groups that keep too little, for ever, or unencrypted', async () => {
    const group = { logGroupName: '/aws/lambda/event-relay-prod', retentionInDays: 7 };
    const messages = await said('log-retention', patient({ DescribeLogGroups: { logGroups: [group] } }));
    expect(messages).toEqual(
      expect.arrayContaining([
        'warning: /aws/lambda/event-relay-prod keeps its lines 7 days, not 400 days',
        'error: /aws/lambda/event-relay-prod is not encrypted with the key of the environment',
        'error: there is no log group /aws/lambda/event-processor-prod',
      ]),
    );
  });

  it('state-lock finds a lock that was left, in the table and in the bucket, and leaves a new one alone', async () => {
    const item = (age: number) => ({
      GetItem: {
        Item: {
          Info: {
            S: JSON.stringify({
              ID: 'lock-1',
              Who: 'ann@laptop',
              Operation: 'OperationTypeApply',
              Created: new Date(now - age).toISOString(),
            }),
          },
        },
      },
    });
    expect((await found('state-lock', patient(item(5 * 3_600_000))))[0]).toMatchObject({
      level: 'error',
      message: 'ann@laptop has locked the state payment-webhooks-data-prod.tfstate for 5 h (OperationTypeApply)',
      mend: expect.stringMatching(/^terraform force-unlock lock-1 /),
    });
    expect(await said('state-lock', patient(item(60_000)))).toEqual(['ok']);
    expect((await said('state-lock', patient({ HeadObject: { LastModified: new Date(now - 3 * day) } })))[0]).toMatch(
      /lock file .* is 3 d old/,
    );
  });
});
