import { describe, expect, it } from '@jest/globals';
import { settingRemarks } from '../../../scripts/plan/setting-rules';
import { change, replacement } from './changes';

type Values = Readonly<Record<string, unknown>>;
const key = 'arn:aws:kms:eu-west-1:111122223333:key/1';
const sse = (algorithm: string, master?: string): Values => ({
  rule: [{ apply_server_side_encryption_by_default: [{ sse_algorithm: algorithm, kms_master_key_id: master ?? '' }] }],
});
const lock = (mode: string, days: number): Values => ({ rule: [{ default_retention: [{ mode, days }] }] });

const encryption: [string, Values, Values][] = [
  ['aws_dynamodb_table', { server_side_encryption: [{ enabled: true, kms_key_arn: key }] }, { server_side_encryption: [] }],
  ['aws_sqs_queue', { kms_master_key_id: key }, { kms_master_key_id: '' }],
  ['aws_sqs_queue', { sqs_managed_sse_enabled: true }, { sqs_managed_sse_enabled: false }],
  ['aws_sns_topic', { kms_master_key_id: key }, {}],
  ['aws_cloudwatch_log_group', { kms_key_id: key }, { kms_key_id: null }],
  ['aws_cloudwatch_event_bus', { kms_key_identifier: key }, {}],
  ['aws_lambda_function', { kms_key_arn: key }, { kms_key_arn: '' }],
  ['aws_secretsmanager_secret', { kms_key_id: key }, {}],
  ['aws_ssm_parameter', { type: 'SecureString' }, { type: 'String' }],
  ['aws_s3_bucket_server_side_encryption_configuration', sse('aws:kms', key), sse('AES256')],
  ['aws_kms_key', { enable_key_rotation: true }, { enable_key_rotation: false }],
  ['aws_api_gateway_domain_name', { security_policy: 'TLS_1_2' }, { security_policy: 'TLS_1_0' }],
];

const protection: [string, Values, Values][] = [
  ['aws_dynamodb_table', { deletion_protection_enabled: true }, { deletion_protection_enabled: false }],
  ['aws_dynamodb_table', { point_in_time_recovery: [{ enabled: true }] }, { point_in_time_recovery: [{ enabled: false }] }],
  ['aws_dynamodb_table', { point_in_time_recovery: [{ enabled: true }] }, { point_in_time_recovery: [] }],
  ['aws_s3_bucket', { force_destroy: false }, { force_destroy: true }],
  [
    'aws_s3_bucket_versioning',
    { versioning_configuration: [{ status: 'Enabled' }] },
    { versioning_configuration: [{ status: 'Suspended' }] },
  ],
  ['aws_s3_bucket_object_lock_configuration', lock('COMPLIANCE', 400), lock('GOVERNANCE', 400)],
  ['aws_s3_bucket_object_lock_configuration', lock('COMPLIANCE', 400), lock('COMPLIANCE', 399)],
  ['aws_kms_key', { deletion_window_in_days: 30 }, { deletion_window_in_days: 7 }],
  ['aws_secretsmanager_secret', { recovery_window_in_days: 30 }, { recovery_window_in_days: 0 }],
  ['aws_cloudwatch_log_group', { retention_in_days: 0 }, { retention_in_days: 3653 }],
  ['aws_cloudwatch_log_group', { retention_in_days: 365 }, { retention_in_days: 30 }],
  ['aws_cloudwatch_event_archive', { retention_days: 30 }, { retention_days: 1 }],
  ['aws_cloudwatch_event_target', { dead_letter_config: [{ arn: 'a' }] }, { dead_letter_config: [] }],
  ['aws_cloudwatch_event_rule', { state: 'ENABLED' }, { state: 'DISABLED' }],
  ['aws_sqs_queue', { message_retention_seconds: 1_209_600 }, { message_retention_seconds: 60 }],
  ['aws_sqs_queue', { redrive_policy: '{"maxReceiveCount":5}' }, { redrive_policy: '' }],
  ['aws_lambda_function', { dead_letter_config: [{ target_arn: 'a' }] }, { dead_letter_config: [] }],
  ['aws_lambda_event_source_mapping', { destination_config: [{ on_failure: [{ destination_arn: 'a' }] }] }, { destination_config: [] }],
  ['aws_lambda_event_source_mapping', { function_response_types: ['ReportBatchItemFailures'] }, { function_response_types: [] }],
  ['aws_cloudwatch_metric_alarm', { alarm_actions: ['a', 'b'] }, { alarm_actions: ['b'] }],
  ['aws_cloudwatch_metric_alarm', { actions_enabled: true }, { actions_enabled: false }],
  [
    'aws_cloudwatch_metric_alarm',
    { comparison_operator: 'GreaterThanThreshold', threshold: 0 },
    { comparison_operator: 'GreaterThanThreshold', threshold: 5 },
  ],
  [
    'aws_cloudwatch_metric_alarm',
    { comparison_operator: 'LessThanThreshold', threshold: 5 },
    { comparison_operator: 'LessThanThreshold', threshold: 1 },
  ],
  ['aws_api_gateway_stage', { access_log_settings: [{ format: 'f' }] }, { access_log_settings: [] }],
];

describe.each([
  ['encryption-weakened', encryption],
  ['protection-weakened', protection],
] as const)('%s', (risk, cases) => {
  it.each(cases)('is said of %s from %j to %j', (type, before, after) => {
    const remarks = settingRemarks(change(type, before, after));
    expect(new Set(remarks.map((remark) => remark.risk))).toEqual(new Set([risk]));
    expect(remarks.every(({ evidence }) => evidence?.[0]?.includes('→') === true)).toBe(true);
  });

  it.each(cases)('is not said of %s the other way, nor when nothing changes', (type, good, bad) => {
    expect(settingRemarks(change(type, bad, good))).toEqual([]);
    expect(settingRemarks(change(type, good, good))).toEqual([]);
  });

  it.each(cases)('is said of %s when it is replaced by a weaker one', (type, before, after) => {
    expect(settingRemarks(replacement(type, before, after))).not.toEqual([]);
  });
});

describe('what is not known before apply', () => {
  it('is not taken for a removal', () => {
    expect(settingRemarks(replacement('aws_sqs_queue', { kms_master_key_id: key }, {}, { kms_master_key_id: true }))).toEqual([]);
  });
});

describe('another key', () => {
  it('is called out, because old data stays with the old one', () => {
    const [remark] = settingRemarks(change('aws_sqs_queue', { kms_master_key_id: key }, { kms_master_key_id: 'alias/aws/sqs' }));
    expect(remark).toMatchObject({ risk: 'encryption-weakened', evidence: [`kms_master_key_id: ${key} → alias/aws/sqs`] });
  });
});

describe('guards that are destroyed', () => {
  it.each([
    ['aws_cloudwatch_metric_alarm', 'protection-weakened'],
    ['aws_cloudwatch_composite_alarm', 'protection-weakened'],
    ['aws_sns_topic', 'protection-weakened'],
    ['aws_sns_topic_subscription', 'protection-weakened'],
    ['aws_s3_bucket_versioning', 'protection-weakened'],
    ['aws_s3_bucket_object_lock_configuration', 'protection-weakened'],
    ['aws_s3_bucket_server_side_encryption_configuration', 'encryption-weakened'],
    ['aws_s3_bucket_public_access_block', 'network-exposed'],
    ['aws_sqs_queue_redrive_policy', 'protection-weakened'],
    ['aws_cloudwatch_event_rule', 'protection-weakened'],
    ['aws_cloudwatch_event_target', 'protection-weakened'],
    ['aws_flow_log', 'protection-weakened'],
    ['aws_wafv2_web_acl_logging_configuration', 'protection-weakened'],
  ])('calls out %s as %s', (type, risk) => {
    expect(settingRemarks(change(type, { name: 'it' }, undefined)).map((remark) => remark.risk)).toEqual([risk]);
  });

  it('says nothing of a dashboard', () => {
    expect(settingRemarks(change('aws_cloudwatch_dashboard', { dashboard_name: 'it' }, undefined))).toEqual([]);
  });

  it('says that a forgotten table is in no plan any more', () => {
    const forgotten = change('aws_dynamodb_table', { name: 't' }, undefined, { actions: ['forget'] });
    expect(settingRemarks(forgotten).map(({ risk }) => risk)).toEqual(['protection-weakened']);
  });
});
