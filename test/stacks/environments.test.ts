import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { environmentFrom, environments, SettingError, validated } from '../../stacks/environments';
import { servicesThatFunctionsCall } from '../../stacks/interface-services';
import type { Environment } from '../../stacks/settings';
import { environmentsPage, fieldsOf } from './environments-page';

const dev = environmentFrom('dev');

describe('environmentFrom', () => {
  it.each([...environments.keys()])('has valid settings for %s', (suffix) => {
    expect(environmentFrom(suffix)).toMatchObject({ suffix, settings: suffix, region: 'ap-southeast-1' });
  });

  it('gives a suffix without a record the settings of dev under its own name', () => {
    expect(environmentFrom('pr-42')).toEqual({ ...dev, suffix: 'pr-42', settings: 'dev' });
  });

  it('takes no settings from what every object has', () => {
    expect(environmentFrom('constructor')).toMatchObject({ settings: 'dev', maxRetries: 3 });
  });

  it.each(['', 'Prod', 'a b', 'a_b', 'x'.repeat(21), 'dev\n', 'né'])('refuses the suffix %j', (suffix) => {
    expect(() => environmentFrom(suffix)).toThrow(
      new SettingError(`ENVIRONMENT_SUFFIX is ${JSON.stringify(suffix)}; allowed are 1 to 20 of a-z, 0-9 and -`),
    );
  });

  it('takes the account and the people from variables', () => {
    const variables = { AWS_ACCOUNT_ID: '123456789012', ALERT_EMAILS: 'a@example.com, b@example.com', OPERATIONS_EMAILS: 'c@example.com' };
    expect(environmentFrom('prod', variables)).toMatchObject({
      accountId: '123456789012',
      alertEmails: ['a@example.com', 'b@example.com'],
      operationsEmails: ['c@example.com'],
    });
  });

  it('takes whether alerts are posted from a variable, which says yes or no', () => {
    expect(environmentFrom('dev').alertEndpoints).toBe(false);
    expect(environmentFrom('dev', { ALERT_ENDPOINTS: 'true' }).alertEndpoints).toBe(true);
    expect(() => environmentFrom('dev', { ALERT_ENDPOINTS: 'yes' })).toThrow('ALERT_ENDPOINTS is "yes"; allowed: true or false');
  });

  it('posts no alerts where there is no way to the internet, but on a laptop', () => {
    const environment = environmentFrom('dev', { ALERT_ENDPOINTS: 'true' });
    const closed = {
      ...environment,
      enabledProviders: ['stripe'] as const,
      network: { ...environment.network, natGateways: 0, interfaceServices: servicesThatFunctionsCall },
    };
    expect(() => validated(closed)).toThrow(
      'environment dev: alertEndpoints is true; allowed: false, as the endpoints are on the internet and natGateways is 0',
    );
    expect(validated({ ...closed, localRun: true }).alertEndpoints).toBe(true);
  });

  it('takes the place of the state from variables, both of them', () => {
    expect(environmentFrom('dev', { STATE_BUCKET: 'the-bucket', STATE_LOCK_TABLE: 'the-locks' }).state).toEqual({
      bucket: 'the-bucket',
      lockTable: 'the-locks',
    });
    expect(() => environmentFrom('dev', { STATE_BUCKET: 'the-bucket' })).toThrow('state.lockTable is ""; allowed: the name of a table');
    expect(() => environmentFrom('dev', { STATE_LOCK_TABLE: 'the-locks' })).toThrow('state.bucket is ""; allowed: the name of a bucket');
  });

  it('takes an empty variable for one that is not set', () => {
    expect(environmentFrom('dev', { AWS_ACCOUNT_ID: '', ALERT_EMAILS: '' })).toEqual(dev);
  });

  it('keeps production data, with an audit trail that nobody can alter for a year and more', () => {
    expect(environmentFrom('prod')).toMatchObject({
      retainData: true,
      auditLockMode: 'COMPLIANCE',
      auditRetentionDays: 400,
      logRetentionDays: 400,
    });
  });
});

const noInternet = { ...dev.network, natGateways: 0, interfaceServices: [...servicesThatFunctionsCall] };
const withoutPaypal = ['stripe', 'square'] as const;
const certificateArn = 'arn:aws:acm:ap-southeast-1:123456789012:certificate/0d1c5a6e-8a6e-4a57-9f0e-8f0f8b3f1c11';

const wrong: readonly (readonly [string, Partial<Environment>, string])[] = [
  ['region', { region: 'mars-1' }, 'region is "mars-1"; allowed: a region of the aws partition, such as ap-southeast-1'],
  // @ts-expect-error: the type refuses it as well
  ['a log level that drops the metrics', { logLevel: 'WARN' }, 'logLevel is "WARN"; allowed: DEBUG or INFO'],
  [
    'a rate of reconciliation that is no use',
    { reconciliation: { everyMinutes: 1, eventTypes: {} } },
    'reconciliation.everyMinutes is 1; allowed: a whole number from 5 to 60',
  ],
  [
    'a type of event that is none',
    { reconciliation: { everyMinutes: 15, eventTypes: { stripe: ['payment intent'] } } },
    'reconciliation.eventTypes.stripe is ["payment intent"]; allowed: one or more event types',
  ],
  [
    'types of a provider that is not enabled',
    { enabledProviders: ['stripe'], reconciliation: { everyMinutes: 15, eventTypes: { square: ['*'] } } },
    'reconciliation.eventTypes is "square"; allowed: the enabled ones of stripe, paypal, square',
  ],
  // @ts-expect-error: the type refuses it as well
  ['a health URL with another authorization', { functionUrlAuth: 'IAM' }, 'functionUrlAuth is "IAM"; allowed: NONE or AWS_IAM'],
  // @ts-expect-error: the type refuses it as well
  ['another lock', { auditLockMode: 'NONE' }, 'auditLockMode is "NONE"; allowed: GOVERNANCE or COMPLIANCE'],
  [
    'an account with no concurrency',
    { accountConcurrencyLimit: 9 },
    'accountConcurrencyLimit is 9; allowed: a whole number from 10 to 1000000',
  ],
  ['accountId', { accountId: '123' }, 'accountId is "123"; allowed: 12 digits'],
  ...['10.0.0.0', '10.0.0.0/8', '10.0.0.0/25', '8.8.0.0/16', '10.0.1.0/16'].map((cidr): (typeof wrong)[number] => [
    `the CIDR ${cidr}`,
    { network: { ...dev.network, cidr } },
    `network.cidr is "${cidr}"; allowed: a private range from /16 to /24`,
  ]),
  ...[
    ['eu-west-1a', 'eu-west-1b'],
    ['ap-southeast-1a'],
    ['ap-southeast-1a', 'ap-southeast-1a'],
    ['ap-southeast-1a', 'ap-southeast-11'],
  ].map((availabilityZones): (typeof wrong)[number] => [
    `the zones ${availabilityZones.join(', ')}`,
    { network: { ...dev.network, availabilityZones } },
    `network.availabilityZones is ${JSON.stringify(availabilityZones)}; allowed: two different zones of ap-southeast-1`,
  ]),
  ['NAT gateways', { network: { ...dev.network, natGateways: 3 } }, 'network.natGateways is 3; allowed: a whole number from 0 to 2'],
  [
    'no way to AWS',
    { network: { ...noInternet, interfaceServices: ['sqs'] }, enabledProviders: withoutPaypal },
    'network.interfaceServices is ["sqs"]; allowed: sqs, sns, events, secretsmanager, ssm at least, as natGateways is 0',
  ],
  [
    'an endpoint twice',
    { network: { ...dev.network, interfaceServices: ['sqs', 'sqs'] } },
    'network.interfaceServices is ["sqs","sqs"]; allowed: any of ',
  ],
  [
    'PayPal without the internet',
    { network: noInternet },
    'enabledProviders is ["stripe","paypal","square","generic"]; allowed: not paypal',
  ],
  [
    'a rate limit below what WAF takes',
    { webAcl: { requestsPerMinute: 9, trustedRanges: [] } },
    'webAcl.requestsPerMinute is 9; allowed: a whole number from 10 to 2000000000',
  ],
  [
    'a trusted range twice',
    { webAcl: { requestsPerMinute: 600, trustedRanges: ['stripe', 'stripe'] } },
    'webAcl.trustedRanges is ["stripe","stripe"]; allowed: any of stripe, square, square-sandbox, each once',
  ],
  [
    'a domain that is a URL',
    { customDomain: { domainName: 'https://x.example.com', certificateArn } },
    'customDomain.domainName is "https://x.example.com"; allowed: a domain name in lower case',
  ],
  [
    'a certificate of another region',
    { customDomain: { domainName: 'x.example.com', certificateArn: certificateArn.replace('ap-southeast-1', 'us-east-1') } },
    'customDomain.certificateArn is "arn:aws:acm:us-east-1:',
  ],
  [
    'a zone that is a name',
    { customDomain: { domainName: 'x.example.com', certificateArn, hostedZoneId: 'example.com' } },
    'customDomain.hostedZoneId is "example.com"; allowed: the id of a Route 53 zone',
  ],
  [
    'a state bucket',
    { state: { bucket: 'The Bucket', lockTable: 'locks' } },
    'state.bucket is "The Bucket"; allowed: the name of a bucket',
  ],
  ['hours of silence', { silentAfterHours: { stripe: 48 } }, 'silentAfterHours.stripe is 48; allowed: a whole number from 1 to 24'],
  [
    'the silence of a provider that is not enabled',
    { silentAfterHours: { paypal: 6 }, enabledProviders: ['stripe'] },
    'silentAfterHours is ["paypal"]; allowed: any of stripe, each once',
  ],
  [
    'more reserved than the account has',
    { accountConcurrencyLimit: 200, reservedConcurrency: { webhookReceiver: 100, healthCheck: 5 } },
    'reservedConcurrency is {"webhookReceiver":100,"healthCheck":5}; allowed: 100 in all',
  ],
  [
    'anything reserved in a small account',
    { accountConcurrencyLimit: 10, reservedConcurrency: { healthCheck: 1 } },
    'reservedConcurrency is {"healthCheck":1}; allowed: 0 in all',
  ],
  ['a tag key', { tags: { 'aws:x': 'y' } }, 'tags.aws:x is "y"; allowed: '],
  ['a tag value', { tags: { Team: '' } }, 'tags.Team is ""; allowed: '],
  ['no provider', { enabledProviders: [] }, 'enabledProviders is []; allowed: one or more of stripe, paypal, square, generic, each once'],
  ['a provider twice', { enabledProviders: ['stripe', 'stripe'] }, 'enabledProviders is ["stripe","stripe"]; allowed: '],
  ['maxBodyBytes', { maxBodyBytes: 6_000_000 }, 'maxBodyBytes is 6000000; allowed: a whole number from 1024 to 4194304'],
  ['maxBodyBytes that is no number', { maxBodyBytes: Number.NaN }, 'maxBodyBytes is NaN; allowed: '],
  [
    'throttle',
    { throttle: { requestsPerSecond: 0, burst: 1 } },
    'throttle.requestsPerSecond is 0; allowed: a whole number from 1 to 10000',
  ],
  ['burst', { throttle: { requestsPerSecond: 10, burst: 5 } }, 'throttle.burst is 5; allowed: a whole number from 10 to 20000'],
  ['maxRetries', { maxRetries: 1.5 }, 'maxRetries is 1.5; allowed: a whole number from 0 to 10'],
  ['timeoutMs', { timeoutMs: 10 }, 'timeoutMs is 10; allowed: a whole number from 1000 to 300000'],
  [
    'reserved concurrency',
    { reservedConcurrency: { webhookReceiver: 0 } },
    'reservedConcurrency.webhookReceiver is 0; allowed: a whole number from 1 to 10000',
  ],
  [
    'maximum concurrency',
    { maximumConcurrency: { eventProcessor: 1, notificationHandler: 10 } },
    'maximumConcurrency.eventProcessor is 1; allowed: a whole number from 2 to 1000',
  ],
  ['relayParallelization', { relayParallelization: 11 }, 'relayParallelization is 11; allowed: a whole number from 1 to 10'],
  ['event retention', { eventRetentionDays: 47 }, 'eventRetentionDays is 47; allowed: a whole number from 48 to 3650'],
  ['log retention', { logRetentionDays: 31 }, 'logRetentionDays is 31; allowed: 1, 3, 5, 7, 14, 30, '],
  ['bus archive', { busArchiveDays: 0 }, 'busArchiveDays is 0; allowed: a whole number from 1 to 365'],
  ['cold storage', { coldStorageAfterDays: 30 }, 'coldStorageAfterDays is 30; allowed: a whole number from 90 to 3650'],
  ['audit retention', { auditRetentionDays: 0 }, 'auditRetentionDays is 0; allowed: a whole number from 1 to 3650'],
  [
    'COMPLIANCE outside production',
    { auditLockMode: 'COMPLIANCE', retainData: true },
    'auditLockMode is "COMPLIANCE"; allowed: COMPLIANCE in prod',
  ],
  [
    'COMPLIANCE without retainData',
    { settings: 'prod', auditLockMode: 'COMPLIANCE' },
    'auditLockMode is "COMPLIANCE"; allowed: COMPLIANCE in prod with retainData',
  ],
  [
    'a currency',
    { highValueThresholds: { default: '1', usd: '1' } },
    'highValueThresholds.usd is "usd"; allowed: an ISO 4217 code in upper case',
  ],
  [
    'an amount',
    { highValueThresholds: { default: '10,000' } },
    'highValueThresholds.default is "10,000"; allowed: an amount in major units',
  ],
  ['an e-mail address', { alertEmails: ['nobody'] }, 'alertEmails is "nobody"; allowed: e-mail addresses'],
  ['an address twice', { operationsEmails: ['a@b.cc', 'a@b.cc'] }, 'operationsEmails is ["a@b.cc","a@b.cc"]; allowed: each address once'],
];

describe('docs/environments.md', () => {
  it('has every setting with its meaning and its values: after a change run npm run rules', () => {
    expect(readFileSync('docs/environments.md', 'utf8')).toBe(environmentsPage());
  });

  it('leaves out no setting that an environment has', () => {
    const documented = fieldsOf(readFileSync('stacks/settings.ts', 'utf8')).map(({ name }) => name);
    expect(documented).toEqual(expect.arrayContaining([...Object.keys(dev).filter((name) => !['suffix', 'settings'].includes(name))]));
    expect(documented).toContain('network.natGateways');
  });

  it('cannot be written while a setting has no docstring', () => {
    expect(() => fieldsOf('export interface Settings {\n  readonly secret: string;\n}')).toThrow('the setting secret has no docstring');
  });
});

describe('validated', () => {
  it.each(wrong)('refuses %s, naming the field, the value and what is allowed', (_what, change, message) => {
    expect(() => validated({ ...dev, ...change })).toThrow(SettingError);
    expect(() => validated({ ...dev, ...change })).toThrow(`environment dev: ${message}`);
  });

  it.each<readonly [string, Partial<Environment>]>([
    ['no way to the internet', { network: noInternet, enabledProviders: withoutPaypal }],
    ['no web ACL rule for anybody', { webAcl: { requestsPerMinute: 10, trustedRanges: [] } }],
    ['a domain of our own', { customDomain: { domainName: 'x.example.com', certificateArn, hostedZoneId: 'Z0123456789ABCDEFGHIJ' } }],
    [
      'all that an account lets us reserve',
      { accountConcurrencyLimit: 205, reservedConcurrency: { webhookReceiver: 100, healthCheck: 5 } },
    ],
  ])('takes %s', (_what, change) => {
    expect(validated({ ...dev, ...change })).toMatchObject(change);
  });

  it('gives a good environment back', () => {
    expect(validated(dev)).toBe(dev);
  });
});
