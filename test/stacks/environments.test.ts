import { describe, expect, it } from '@jest/globals';
import { environmentFrom, environments, SettingError, validated } from '../../stacks/environments';
import type { Environment } from '../../stacks/settings';

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

const wrong: readonly (readonly [string, Partial<Environment>, string])[] = [
  ['region', { region: 'mars-1' }, 'region is "mars-1"; allowed: a region of the aws partition, such as ap-southeast-1'],
  ['accountId', { accountId: '123' }, 'accountId is "123"; allowed: 12 digits'],
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

describe('validated', () => {
  it.each(wrong)('refuses %s, naming the field, the value and what is allowed', (_what, change, message) => {
    expect(() => validated({ ...dev, ...change })).toThrow(SettingError);
    expect(() => validated({ ...dev, ...change })).toThrow(`environment dev: ${message}`);
  });

  it('gives a good environment back', () => {
    expect(validated(dev)).toBe(dev);
  });
});
