import { describe, expect, it } from '@jest/globals';
import { environmentFrom } from '../../stacks/environments';
import { at, entries, find, synthesize, synthesized } from './synthesized';

const { state, resources } = synthesized('dev');
const prod = synthesized('prod');

describe('the state stack', () => {
  it('keeps its own state in a file, whatever the environment says about the others', () => {
    const remote = synthesize({ ...environmentFrom('dev'), state: { bucket: 'the-bucket', lockTable: 'the-locks' } });
    for (const { terraform } of [state, remote.state]) {
      expect(terraform['backend']).toEqual({ local: { path: '../../../terraform.payment-webhooks-state-dev.tfstate' } });
    }
  });

  it('locks by the one key that Terraform knows', () => {
    expect(find(resources, 'aws_dynamodb_table', 'locks/table')).toMatchObject({
      name: 'payment-webhooks-locks-dev',
      hash_key: 'LockID',
      attribute: [{ name: 'LockID', type: 'S' }],
    });
  });

  it('keeps former states for a year, and the versions of lock files for a day', () => {
    const rules = entries(find(resources, 'aws_s3_bucket_lifecycle_configuration', 'state/lifecycle')['rule']).map(([, rule]) => rule);
    expect(rules.map((rule) => [at(rule, 'filter', 0, 'prefix'), at(rule, 'noncurrent_version_expiration', 0, 'noncurrent_days')])).toEqual(
      [
        ['', 365],
        ['payment-webhooks-data-dev.tfstate.tflock', 1],
        ['payment-webhooks-dev.tfstate.tflock', 1],
      ],
    );
    expect(rules.every((rule) => at(rule, 'expiration', 0, 'days') === undefined)).toBe(true);
  });

  it('tells what the other stacks have to be told', () => {
    expect(Object.keys(state.output ?? {})).toEqual(['StateBucketName', 'StateLockTableName']);
  });

  it('is encrypted with a key that does not depend on the stacks whose state it keeps', () => {
    const encryption = JSON.stringify(find(resources, 'aws_s3_bucket_server_side_encryption_configuration', 'state/encryption'));
    expect(encryption).toContain('${aws_kms_key.state-encryption_key_');
  });

  it('cannot be destroyed by mistake in production', () => {
    for (const [type, path] of [
      ['aws_s3_bucket', 'state/bucket'],
      ['aws_dynamodb_table', 'locks/table'],
      ['aws_kms_key', 'state-encryption/key'],
    ] as const) {
      expect(at(find(prod.resources, type, path), 'lifecycle', 'prevent_destroy')).toBe(true);
      expect(at(find(resources, type, path), 'lifecycle')).toBeUndefined();
    }
  });
});

describe('the state of the other stacks', () => {
  it('is in a file beside cdktf.json where there is no bucket', () => {
    const { data, pipeline } = synthesized('dev');
    expect(data.terraform['backend']).toEqual({ local: { path: '../../../terraform.payment-webhooks-data-dev.tfstate' } });
    expect(pipeline.terraform['backend']).toEqual({ local: { path: '../../../terraform.payment-webhooks-dev.tfstate' } });
  });

  describe('in a bucket', () => {
    const remote = synthesize({ ...environmentFrom('dev'), state: { bucket: 'the-bucket', lockTable: 'the-locks' } });

    it('is locked in DynamoDB and by a lock file, each stack for itself', () => {
      const s3 = { bucket: 'the-bucket', region: 'ap-southeast-1', dynamodb_table: 'the-locks', use_lockfile: true };
      expect(remote.data.terraform['backend']).toEqual({ s3: { ...s3, key: 'payment-webhooks-data-dev.tfstate' } });
      expect(remote.pipeline.terraform['backend']).toEqual({ s3: { ...s3, key: 'payment-webhooks-dev.tfstate' } });
    });

    it("is where the pipeline reads the data stack's outputs from, without the locks that reading does not need", () => {
      const sources = entries(at(remote.pipeline, 'data', 'terraform_remote_state')).map(([, source]) => source);
      expect(sources).toHaveLength(1);
      expect(sources[0]).toMatchObject({ backend: 's3', config: { bucket: 'the-bucket', key: 'payment-webhooks-data-dev.tfstate' } });
      const names = entries(at(sources[0], 'config')).map(([name]) => name);
      expect(names.filter((name) => /lock|dynamodb/.test(name))).toEqual([]);
    });
  });
});
