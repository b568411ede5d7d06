import { describe, expect, it } from '@jest/globals';
import { keyAccess } from '../../../stacks/constructs/key-access';

describe('keyAccess', () => {
  it('makes one statement per service, on the key and through that service only', () => {
    expect(keyAccess('arn:key', 'eu-west-1', ['send-messages', 'receive-messages', 'read-secrets'])).toEqual([
      {
        Sid: 'KeyThroughSqs',
        Effect: 'Allow',
        Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
        Resource: 'arn:key',
        Condition: { StringEquals: { 'kms:ViaService': 'sqs.eu-west-1.amazonaws.com' } },
      },
      {
        Sid: 'KeyThroughSecretsmanager',
        Effect: 'Allow',
        Action: ['kms:Decrypt'],
        Resource: 'arn:key',
        Condition: { StringEquals: { 'kms:ViaService': 'secretsmanager.eu-west-1.amazonaws.com' } },
      },
    ]);
  });

  it('lets a reader of the table encrypt nothing', () => {
    expect(keyAccess('arn:key', 'eu-west-1', ['read-table'])[0]?.Action).toEqual(['kms:Decrypt', 'kms:DescribeKey']);
  });

  it('grants nothing for nothing', () => {
    expect(keyAccess('arn:key', 'eu-west-1', [])).toEqual([]);
  });
});
