import type { Remark } from './finding';
import { outcome, type ResourceChange } from './plan-file';
import { after, before, blocks, show } from './values';

/** What is lost with a resource of this type. */
const holdings: Readonly<Record<string, string>> = {
  aws_dynamodb_table: 'its rows: payments and their history, or the locks of the Terraform state',
  aws_s3_bucket: 'its objects and all their versions',
  aws_s3_object: 'the object',
  aws_kms_key: 'everything that is encrypted with it: table, archive, audit trail, queues, secrets',
  aws_secretsmanager_secret: 'the secret value that an operator put in; its provider is answered 503 until it is there again',
  aws_secretsmanager_secret_version: 'this version of the secret',
  aws_sqs_queue: 'the messages that wait in it',
  aws_cloudwatch_event_archive: 'the archived events, which can then not be replayed',
  aws_cloudwatch_log_group: 'its log lines',
  aws_ssm_parameter: 'its value and history',
  aws_backup_vault: 'its recovery points',
};

const addresses: Readonly<Record<string, string>> = {
  aws_api_gateway_rest_api: 'The address of the API changes: every provider goes on sending to the old one until its dashboard is changed',
  aws_api_gateway_domain_name: 'The custom domain is taken away: providers that send to it get no answer until it is back',
};

/** Data that this change deletes, lets expire, or passes over. */
export function dataRemarks(change: ResourceChange): readonly Remark[] {
  return [...lost(change), ...movedAddress(change), ...passedOver(change), ...expires(change)];
}

function lost(change: ResourceChange): Remark[] {
  const held = holdings[change.type];
  const what = outcome(change);
  if (held === undefined || (what !== 'destroyed' && what !== 'replaced')) return [];
  const causes = (change.change.replace_paths ?? []).map((path) => `${path.join('.')} cannot change in place`);
  return [{ risk: 'data-at-risk', says: `${name(change)} is ${what}, and with it ${held}.`, evidence: causes }];
}

function movedAddress(change: ResourceChange): Remark[] {
  const says = addresses[change.type];
  const gone = ['destroyed', 'replaced'].includes(outcome(change));
  return says === undefined || !gone ? [] : [{ risk: 'data-at-risk', says: `${says}.` }];
}

/** Records that nobody reads while a stream or its reader is away. */
function passedOver(change: ResourceChange): Remark[] {
  if (change.type === 'aws_dynamodb_table' && before(change, 'stream_enabled') === true && after(change, 'stream_enabled') === false) {
    return [{ risk: 'data-at-risk', says: 'The table’s stream is switched off: events stored meanwhile are never published or audited.' }];
  }
  if (change.type !== 'aws_lambda_event_source_mapping') return [];
  const source = show(before(change, 'event_source_arn'));
  const stops = before(change, 'enabled') !== false && after(change, 'enabled') === false;
  const restarts = ['destroyed', 'replaced'].includes(outcome(change));
  if (!stops && !restarts) return [];
  if (!source.includes(':dynamodb:')) {
    return stops || outcome(change) === 'destroyed'
      ? [{ risk: 'data-at-risk', says: 'Nobody reads this queue any more: its messages expire unread.', evidence: [source] }]
      : [];
  }
  const says = restarts
    ? 'The reader of the stream is taken away: records that arrive before the new one starts may be passed over.'
    : 'Nobody reads this stream any more: its records are gone after 24 hours.';
  return [{ risk: 'data-at-risk', says, evidence: [source, `starting position ${show(before(change, 'starting_position'))}`] }];
}

/** Lifecycle rules and TTL that delete what was kept. */
function expires(change: ResourceChange): Remark[] {
  if (change.type === 'aws_s3_bucket_lifecycle_configuration') return expiringObjects(change);
  const column = (side: typeof before): unknown =>
    side(change, 'ttl.0.enabled') === true ? side(change, 'ttl.0.attribute_name') : undefined;
  if (change.type !== 'aws_dynamodb_table' || outcome(change) !== 'changed' || column(after) === undefined) return [];
  if (column(before) === column(after)) return [];
  const evidence = [`TTL attribute: ${show(column(before))} → ${show(column(after))}`];
  return [{ risk: 'data-at-risk', says: 'Rows expire by another attribute than before.', evidence }];
}

function expiringObjects(change: ResourceChange): Remark[] {
  const earlier = expiryDays(change, before);
  const evidence = [...expiryDays(change, after)]
    .filter(([rule, days]) => days < (earlier.get(rule) ?? Infinity))
    .map(([rule, days]) => `${rule}: after ${days} days, ${earlier.has(rule) ? `was ${earlier.get(rule)}` : 'was never'}`);
  if (evidence.length === 0 || outcome(change) === 'created') return [];
  return [{ risk: 'data-at-risk', says: 'Objects are deleted earlier than before.', evidence }];
}

function expiryDays(change: ResourceChange, side: typeof before): ReadonlyMap<string, number> {
  const rules = blocks(side(change, 'rule')).filter((rule) => rule['status'] === 'Enabled');
  const entries = rules.flatMap((rule) => [
    ...blocks(rule['expiration']).map((block) => [`${show(rule['id'])} (current version)`, block['days']] as const),
    ...blocks(rule['noncurrent_version_expiration']).map(
      (block) => [`${show(rule['id'])} (old versions)`, block['noncurrent_days']] as const,
    ),
  ]);
  return new Map(entries.flatMap(([rule, days]) => (typeof days === 'number' && days > 0 ? [[rule, days] as const] : [])));
}

function name(change: ResourceChange): string {
  const named = before(change, 'name') ?? before(change, 'bucket') ?? before(change, 'description');
  return typeof named === 'string' ? named : change.address;
}
