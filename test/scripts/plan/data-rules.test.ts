import { describe, expect, it } from '@jest/globals';
import { dataRemarks } from '../../../scripts/plan/data-rules';
import { change, replacement } from './changes';

const stream = 'arn:aws:dynamodb:eu-west-1:111122223333:table/t/stream/1';
const queue = 'arn:aws:sqs:eu-west-1:111122223333:processing';
const lifecycle = (days: number | undefined, old = 365) => ({
  rule: [
    {
      id: 'cold',
      status: 'Enabled',
      expiration: days === undefined ? [] : [{ days }],
      noncurrent_version_expiration: [{ noncurrent_days: old }],
    },
  ],
});

describe('data at risk', () => {
  it.each([
    'aws_dynamodb_table',
    'aws_s3_bucket',
    'aws_kms_key',
    'aws_secretsmanager_secret',
    'aws_sqs_queue',
    'aws_cloudwatch_event_archive',
    'aws_cloudwatch_log_group',
    'aws_ssm_parameter',
  ])('is called out for a destroyed and for a replaced %s, and not for a changed or new one', (type) => {
    expect(dataRemarks(change(type, { name: 'it' }, undefined)).map(({ risk }) => risk)).toEqual(['data-at-risk']);
    expect(dataRemarks(replacement(type, { name: 'it' }, { name: 'it' })).map(({ risk }) => risk)).toEqual(['data-at-risk']);
    expect(dataRemarks(change(type, { name: 'it' }, { name: 'it', tags: {} }))).toEqual([]);
    expect(dataRemarks(change(type, undefined, { name: 'it' }))).toEqual([]);
  });

  it('says which attribute forces the replacement', () => {
    const replaced = change(
      'aws_dynamodb_table',
      { name: 't' },
      { name: 'u' },
      { actions: ['delete', 'create'], replace_paths: [['name']] },
    );
    expect(dataRemarks(replaced)[0]).toMatchObject({
      says: expect.stringContaining('t is replaced'),
      evidence: ['name cannot change in place'],
    });
  });

  it('is called out when the address that providers send to goes', () => {
    expect(dataRemarks(change('aws_api_gateway_rest_api', { name: 'api' }, undefined))).toHaveLength(1);
    expect(dataRemarks(replacement('aws_api_gateway_domain_name', { domain_name: 'a' }, { domain_name: 'b' }))).toHaveLength(1);
    expect(dataRemarks(change('aws_api_gateway_rest_api', { name: 'api' }, { name: 'api', tags: {} }))).toEqual([]);
  });

  it('is called out when the table’s stream is switched off', () => {
    expect(dataRemarks(change('aws_dynamodb_table', { stream_enabled: true }, { stream_enabled: false }))).toHaveLength(1);
    expect(dataRemarks(change('aws_dynamodb_table', { stream_enabled: false }, { stream_enabled: true }))).toEqual([]);
  });

  it.each([
    [
      'the reader of a stream is switched off',
      change('aws_lambda_event_source_mapping', { event_source_arn: stream, enabled: true }, { event_source_arn: stream, enabled: false }),
      1,
    ],
    [
      'the reader of a stream is replaced',
      replacement(
        'aws_lambda_event_source_mapping',
        { event_source_arn: stream, starting_position: 'LATEST' },
        { event_source_arn: stream },
      ),
      1,
    ],
    ['the reader of a stream goes', change('aws_lambda_event_source_mapping', { event_source_arn: stream }, undefined), 1],
    ['the reader of a queue goes', change('aws_lambda_event_source_mapping', { event_source_arn: queue }, undefined), 1],
    [
      'the reader of a queue is replaced',
      replacement('aws_lambda_event_source_mapping', { event_source_arn: queue }, { event_source_arn: queue }),
      0,
    ],
    [
      'the reader of a queue takes larger batches',
      change('aws_lambda_event_source_mapping', { event_source_arn: queue, batch_size: 1 }, { event_source_arn: queue, batch_size: 10 }),
      0,
    ],
    [
      'a reader is switched on',
      change('aws_lambda_event_source_mapping', { event_source_arn: stream, enabled: false }, { event_source_arn: stream, enabled: true }),
      0,
    ],
  ])('knows what it means when %s', (_, mapping, findings) => {
    expect(dataRemarks(mapping)).toHaveLength(findings);
  });

  it('is called out when objects expire earlier', () => {
    const type = 'aws_s3_bucket_lifecycle_configuration';
    expect(dataRemarks(change(type, lifecycle(undefined), lifecycle(30)))[0]?.evidence).toEqual([
      'cold (current version): after 30 days, was never',
    ]);
    expect(dataRemarks(change(type, lifecycle(60, 365), lifecycle(60, 7)))[0]?.evidence).toEqual([
      'cold (old versions): after 7 days, was 365',
    ]);
    expect(dataRemarks(change(type, lifecycle(30), lifecycle(undefined)))).toEqual([]);
    expect(dataRemarks(change(type, undefined, lifecycle(30)))).toEqual([]);
  });

  it('is called out when rows expire by another attribute', () => {
    const ttl = (attribute_name: string) => ({ ttl: [{ enabled: true, attribute_name }] });
    expect(dataRemarks(change('aws_dynamodb_table', ttl('expiresAt'), ttl('timestamp')))).toHaveLength(1);
    expect(dataRemarks(change('aws_dynamodb_table', ttl('expiresAt'), ttl('expiresAt')))).toEqual([]);
    expect(dataRemarks(change('aws_dynamodb_table', ttl('expiresAt'), { ttl: [] }))).toEqual([]);
  });
});
