import type { Remark, Risk } from './finding';
import { outcome, type ResourceChange } from './plan-file';
import { after, before, blocks, show, strings, unknownUntilApply } from './values';

/** True when the step from one value to the next is for the worse; both are known, undefined stands for missing. */
type Worse = (earlier: unknown, later: unknown) => boolean;

interface Weakening {
  readonly risk: Risk;
  readonly type: string;
  readonly path: string;
  readonly worse: Worse;
  readonly says: string;
}

const turnedOff: Worse = (earlier, later) => earlier === true && later !== true;
const turnedOn: Worse = (earlier, later) => earlier !== true && later === true;
const removed: Worse = (earlier, later) => !isEmpty(earlier) && isEmpty(later);
const removedOrOther: Worse = (earlier, later) => !isEmpty(earlier) && earlier !== later;
const lowered: Worse = (earlier, later) => typeof earlier === 'number' && (typeof later !== 'number' || later < earlier);
const raised: Worse = (earlier, later) => typeof earlier === 'number' && typeof later === 'number' && later > earlier;
const fewer: Worse = (earlier, later) => strings(earlier).some((entry) => !strings(later).includes(entry));
const from =
  (good: string): Worse =>
  (earlier, later) =>
    earlier === good && later !== good;
/** CloudWatch Logs keeps for ever where the days are 0 or missing. */
const keptShorter: Worse = (earlier, later) => days(later) < days(earlier);

function days(value: unknown): number {
  return typeof value === 'number' && value > 0 ? value : Infinity;
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === '' || value === false || (Array.isArray(value) && value.length === 0);
}

const weakenings: readonly Weakening[] = [
  ...encryption('aws_dynamodb_table', 'server_side_encryption.0.kms_key_arn'),
  ...encryption('aws_sqs_queue', 'kms_master_key_id'),
  ...encryption('aws_sns_topic', 'kms_master_key_id'),
  ...encryption('aws_cloudwatch_log_group', 'kms_key_id'),
  ...encryption('aws_cloudwatch_event_bus', 'kms_key_identifier'),
  ...encryption('aws_lambda_function', 'kms_key_arn'),
  ...encryption('aws_secretsmanager_secret', 'kms_key_id'),
  ...encryption('aws_ssm_parameter', 'key_id'),
  ...encryption('aws_s3_bucket_server_side_encryption_configuration', 'rule.0.apply_server_side_encryption_by_default.0.kms_master_key_id'),
  weaker('aws_dynamodb_table', 'server_side_encryption.0.enabled', turnedOff, 'The table leaves the customer-managed key.'),
  weaker(
    'aws_s3_bucket_server_side_encryption_configuration',
    'rule.0.apply_server_side_encryption_by_default.0.sse_algorithm',
    from('aws:kms'),
    'New objects are no longer encrypted with the key.',
  ),
  weaker('aws_sqs_queue', 'sqs_managed_sse_enabled', turnedOff, 'SQS no longer encrypts with its own key.'),
  weaker('aws_ssm_parameter', 'type', from('SecureString'), 'The parameter is no longer encrypted.'),
  weaker('aws_kms_key', 'enable_key_rotation', turnedOff, 'The key is no longer rotated.'),
  weaker('aws_kms_key', 'is_enabled', turnedOff, 'The key is switched off: nothing that is encrypted with it can be read or written.'),
  weaker('aws_api_gateway_domain_name', 'security_policy', from('TLS_1_2'), 'Older versions of TLS are accepted.'),

  exposed('aws_dynamodb_table', 'deletion_protection_enabled', turnedOff, 'The table can be deleted.'),
  exposed('aws_dynamodb_table', 'point_in_time_recovery.0.enabled', turnedOff, 'The table can no longer be restored to a point in time.'),
  exposed('aws_dynamodb_table', 'point_in_time_recovery.0.recovery_period_in_days', lowered, 'Fewer days can be restored.'),
  exposed('aws_s3_bucket', 'force_destroy', turnedOn, 'Terraform may delete the bucket with everything in it.'),
  exposed(
    'aws_s3_bucket_versioning',
    'versioning_configuration.0.status',
    from('Enabled'),
    'Overwritten and deleted objects are no longer kept.',
  ),
  exposed(
    'aws_s3_bucket_object_lock_configuration',
    'rule.0.default_retention.0.mode',
    from('COMPLIANCE'),
    'Whoever may bypass governance can delete audit objects before their time.',
  ),
  exposed(
    'aws_s3_bucket_object_lock_configuration',
    'rule.0.default_retention.0.days',
    lowered,
    'New audit objects are locked for fewer days.',
  ),
  exposed(
    'aws_s3_bucket_object_lock_configuration',
    'rule.0.default_retention.0.years',
    lowered,
    'New audit objects are locked for fewer years.',
  ),
  exposed('aws_kms_key', 'deletion_window_in_days', lowered, 'Less time is left to take back the deletion of the key.'),
  exposed('aws_secretsmanager_secret', 'recovery_window_in_days', lowered, 'Less time is left to take back the deletion of the secret.'),
  exposed('aws_secretsmanager_secret', 'force_overwrite_replica_secret', turnedOn, 'A secret of the same name elsewhere is overwritten.'),
  exposed('aws_cloudwatch_log_group', 'retention_in_days', keptShorter, 'Log lines are kept for fewer days.'),
  exposed('aws_cloudwatch_event_archive', 'retention_days', keptShorter, 'Events can be replayed for fewer days.'),
  exposed(
    'aws_cloudwatch_event_archive',
    'event_pattern',
    (earlier, later) => earlier !== later && later !== undefined,
    'Other events than before are archived.',
  ),
  exposed('aws_cloudwatch_event_target', 'dead_letter_config', removed, 'An event that cannot be delivered is gone.'),
  exposed(
    'aws_cloudwatch_event_target',
    'retry_policy.0.maximum_event_age_in_seconds',
    lowered,
    'Delivery of an event is given up earlier.',
  ),
  exposed('aws_cloudwatch_event_rule', 'state', from('ENABLED'), 'The rule no longer routes events.'),
  exposed('aws_sqs_queue', 'message_retention_seconds', lowered, 'Messages that nobody reads expire earlier.'),
  exposed('aws_sqs_queue', 'redrive_policy', removed, 'A message that fails again and again has no dead-letter queue to go to.'),
  exposed('aws_lambda_function', 'dead_letter_config', removed, 'A failed asynchronous call is gone.'),
  exposed('aws_lambda_event_source_mapping', 'destination_config', removed, 'A batch that fails for good is gone.'),
  exposed(
    'aws_lambda_event_source_mapping',
    'function_response_types',
    fewer,
    'A batch that fails in part is retried, or deleted, as a whole.',
  ),
  exposed('aws_lambda_event_source_mapping', 'maximum_retry_attempts', lowered, 'A failing batch is given up earlier.'),
  exposed('aws_cloudwatch_metric_alarm', 'alarm_actions', fewer, 'The alarm tells fewer, or nobody.'),
  exposed('aws_cloudwatch_metric_alarm', 'actions_enabled', turnedOff, 'The alarm rings, and nobody is told.'),
  exposed('aws_cloudwatch_metric_alarm', 'treat_missing_data', from('breaching'), 'The alarm no longer rings when the measurements stop.'),
  exposed('aws_cloudwatch_metric_alarm', 'evaluation_periods', raised, 'The alarm rings later.'),
  exposed('aws_cloudwatch_composite_alarm', 'alarm_actions', fewer, 'The alarm tells fewer, or nobody.'),
  exposed('aws_api_gateway_stage', 'access_log_settings', removed, 'Requests are no longer logged.'),
  exposed('aws_api_gateway_stage', 'xray_tracing_enabled', turnedOff, 'Requests are no longer traced.'),
];

function encryption(type: string, path: string): readonly Weakening[] {
  return [weaker(type, path, removedOrOther, 'It is no longer encrypted with the key that it was encrypted with.')];
}

function weaker(type: string, path: string, worse: Worse, says: string): Weakening {
  return { risk: 'encryption-weakened', type, path, worse, says };
}

function exposed(type: string, path: string, worse: Worse, says: string): Weakening {
  return { risk: 'protection-weakened', type, path, worse, says };
}

/** Resources that protect others: without them their charge goes on, unguarded. */
const guards: Readonly<Record<string, readonly [risk: Risk, says: string]>> = {
  aws_cloudwatch_metric_alarm: ['protection-weakened', 'The alarm is gone: what it watched can fail unseen.'],
  aws_cloudwatch_composite_alarm: ['protection-weakened', 'The alarm is gone: what it watched can fail unseen.'],
  aws_sns_topic: ['protection-weakened', 'The topic is gone, and with it its subscriptions: nobody is told any more.'],
  aws_sns_topic_subscription: ['protection-weakened', 'A subscriber is gone: fewer people are told.'],
  aws_s3_bucket_versioning: ['protection-weakened', 'Overwritten and deleted objects are no longer kept.'],
  aws_s3_bucket_object_lock_configuration: ['protection-weakened', 'New audit objects can be changed and deleted.'],
  aws_s3_bucket_server_side_encryption_configuration: ['encryption-weakened', 'New objects are no longer encrypted with the key.'],
  aws_s3_bucket_public_access_block: ['network-exposed', 'The bucket may be made public.'],
  aws_sqs_queue_redrive_policy: ['protection-weakened', 'A message that fails again and again has no dead-letter queue to go to.'],
  aws_cloudwatch_event_rule: ['protection-weakened', 'The rule no longer routes events: what it fed gets none.'],
  aws_cloudwatch_event_target: ['protection-weakened', 'The target gets no events any more.'],
  aws_flow_log: ['protection-weakened', 'Network traffic is no longer logged.'],
  aws_wafv2_web_acl_logging_configuration: ['protection-weakened', 'What the web ACL lets through or stops is no longer logged.'],
  aws_cloudtrail: ['protection-weakened', 'Calls to the account are no longer recorded.'],
};

const held = new Set(['aws_dynamodb_table', 'aws_s3_bucket', 'aws_kms_key', 'aws_secretsmanager_secret', 'aws_sqs_queue']);

/** Encryption and protection that this change takes away. */
export function settingRemarks(change: ResourceChange): readonly Remark[] {
  const does = outcome(change);
  if (does === 'destroyed') return guarded(change);
  if (does === 'forgotten' && held.has(change.type)) {
    return [{ risk: 'protection-weakened', says: 'Terraform forgets it: it stays in the account, and no plan shows it any more.' }];
  }
  if (does !== 'changed' && does !== 'replaced') return [];
  return [...weakenings.filter((rule) => applies(rule, change)).map((rule) => toRemark(rule, change)), ...thresholds(change)];
}

function guarded({ type }: ResourceChange): readonly Remark[] {
  const guard = guards[type];
  return guard === undefined ? [] : [{ risk: guard[0], says: guard[1] }];
}

function applies({ type, path, worse }: Weakening, change: ResourceChange): boolean {
  const later = after(change, path);
  return type === change.type && later !== unknownUntilApply && worse(before(change, path), later);
}

function toRemark({ risk, path, says }: Weakening, change: ResourceChange): Remark {
  return { risk, says, evidence: [`${path}: ${show(before(change, path))} → ${show(after(change, path))}`] };
}

/** An alarm rings later when its threshold moves away from the healthy side. */
function thresholds(change: ResourceChange): readonly Remark[] {
  if (change.type !== 'aws_cloudwatch_metric_alarm') return [];
  const rings = show(after(change, 'comparison_operator'));
  const [earlier, later] = [before(change, 'threshold'), after(change, 'threshold')];
  const isLater = rings.startsWith('Greater') ? raised(earlier, later) : rings.startsWith('Less') && lowered(earlier, later);
  const says = 'The alarm rings later.';
  return isLater && blocks(after(change, 'metric_query')).every((query) => query['threshold_metric_id'] === undefined)
    ? [{ risk: 'protection-weakened', says, evidence: [`threshold: ${show(earlier)} → ${show(later)}`] }]
    : [];
}
