import { describe, expect, it } from '@jest/globals';
import { at, find, json, synthesized } from './synthesized';

const { data, resources } = synthesized('dev');
const prod = synthesized('prod');
const account = '${data.aws_caller_identity.account.account_id}';

describe('the data stack', () => {
  it('keys rows by payment and event, with sharded indexes of keys only', () => {
    expect(find(resources, 'aws_dynamodb_table', 'payments/table')).toMatchObject({
      name: 'payment-events-dev',
      billing_mode: 'PAY_PER_REQUEST',
      hash_key: 'paymentId',
      range_key: 'eventKey',
      global_secondary_index: [
        { name: 'ProviderTimestampIndex', hash_key: 'providerBucket', range_key: 'timestamp', projection_type: 'KEYS_ONLY' },
        { name: 'PendingIndex', hash_key: 'pendingBucket', range_key: 'dueAtMs', projection_type: 'KEYS_ONLY' },
      ],
      stream_enabled: true,
      stream_view_type: 'NEW_AND_OLD_IMAGES',
      ttl: { attribute_name: 'expiresAt', enabled: true },
      point_in_time_recovery: { enabled: true },
      deletion_protection_enabled: false,
    });
  });

  it('names buckets after the account', () => {
    expect(find(resources, 'aws_s3_bucket', 'archive/bucket')).toMatchObject({
      bucket: `webhook-archive-dev-${account}`,
      object_lock_enabled: false,
    });
    expect(find(resources, 'aws_s3_bucket', 'audit/bucket')).toMatchObject({
      bucket: `webhook-audit-dev-${account}`,
      object_lock_enabled: true,
    });
  });

  it('moves old webhooks to GLACIER, and audit objects where an auditor can read them at once', () => {
    const transition = (path: string) => at(find(resources, 'aws_s3_bucket_lifecycle_configuration', path), 'rule', 0, 'transition', 0);
    expect(transition('archive/lifecycle')).toEqual({ days: 90, storage_class: 'GLACIER' });
    expect(transition('audit/lifecycle')).toEqual({ days: 90, storage_class: 'GLACIER_IR' });
  });

  it('locks audit objects: a day in dev, beyond everybody in prod', () => {
    const lock = (all: typeof resources) =>
      at(find(all, 'aws_s3_bucket_object_lock_configuration', 'audit/object-lock'), 'rule', 'default_retention');
    expect(lock(resources)).toEqual({ mode: 'GOVERNANCE', days: 1 });
    expect(lock(prod.resources)).toEqual({ mode: 'COMPLIANCE', days: 400 });
  });

  it.each(['stripe', 'paypal', 'square', 'generic'])('makes the secret of %s, without a value', (provider) => {
    expect(find(resources, 'aws_secretsmanager_secret', `secrets/${provider}`)).toMatchObject({
      name: `payment-webhooks/dev/${provider}`,
      recovery_window_in_days: 0,
    });
  });

  it('leaves dev destroyable', () => {
    expect(JSON.stringify(data)).not.toContain('prevent_destroy');
    expect(find(resources, 'aws_s3_bucket', 'archive/bucket')['force_destroy']).toBe(true);
    expect(find(resources, 'aws_kms_key', 'encryption/key')['deletion_window_in_days']).toBe(7);
  });

  it.each([
    ['aws_kms_key', 'encryption/key', { deletion_window_in_days: 30 }],
    ['aws_dynamodb_table', 'payments/table', { deletion_protection_enabled: true }],
    ['aws_s3_bucket', 'archive/bucket', { force_destroy: false }],
    ['aws_s3_bucket', 'audit/bucket', { force_destroy: false }],
    ['aws_secretsmanager_secret', 'secrets/stripe', { recovery_window_in_days: 30 }],
  ])('keeps %s %s in prod', (type, path, settings) => {
    expect(find(prod.resources, type, path)).toMatchObject({ ...settings, lifecycle: { prevent_destroy: true } });
  });

  it('tags everything and needs the tested versions', () => {
    expect(at(data.provider, 'aws', 0)).toEqual({
      region: 'ap-southeast-1',
      default_tags: [{ tags: { Project: 'payment-webhooks', Environment: 'dev', ManagedBy: 'cdktf', CostCenter: 'payments' } }],
    });
    expect(data.terraform).toMatchObject({
      required_version: '>= 1.11',
      required_providers: { aws: { version: '5.100.0' } },
      backend: { local: { path: '../../../terraform.payment-webhooks-data-dev.tfstate' } },
    });
  });

  it('holds no path of the machine', () => {
    expect(JSON.stringify(data)).not.toContain(process.cwd());
  });

  it('parses as policies', () => {
    expect(at(json(find(resources, 'aws_kms_key', 'encryption/key')['policy']), 'Version')).toBe('2012-10-17');
  });
});
