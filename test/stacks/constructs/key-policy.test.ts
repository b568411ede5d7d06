import { describe, expect, it } from '@jest/globals';
import { keyPolicyStatements } from '../../../stacks/constructs/key-policy';

const statements = keyPolicyStatements({ suffix: 'dev', region: 'ap-southeast-1', accountId: '123456789012' });
const bus = 'arn:aws:events:ap-southeast-1:123456789012:event-bus/payment-events-dev';

/** Service edge, its actions, and exactly its conditions. */
const edges: readonly (readonly [string, string, readonly string[], unknown])[] = [
  [
    'AlarmsToOperationsTopic',
    'cloudwatch.amazonaws.com',
    ['kms:Decrypt', 'kms:GenerateDataKey*'],
    {
      StringEquals: { 'aws:SourceAccount': '123456789012' },
      ArnLike: { 'aws:SourceArn': 'arn:aws:cloudwatch:ap-southeast-1:123456789012:alarm:*' },
    },
  ],
  [
    'EventBridgeToQueues',
    'events.amazonaws.com',
    ['kms:Decrypt', 'kms:GenerateDataKey*'],
    { StringEquals: { 'aws:SourceAccount': '123456789012' } },
  ],
  ['EventBusDescribesKey', 'events.amazonaws.com', ['kms:DescribeKey'], { StringEquals: { 'aws:SourceAccount': '123456789012' } }],
  [
    'EventBusStoresEvents',
    'events.amazonaws.com',
    ['kms:Decrypt', 'kms:GenerateDataKey'],
    { StringEquals: { 'aws:SourceArn': bus, 'kms:EncryptionContext:aws:events:event-bus:arn': bus } },
  ],
  [
    'TopicsToDeliveryDeadLetters',
    'sns.amazonaws.com',
    ['kms:Decrypt', 'kms:GenerateDataKey*'],
    {
      ArnEquals: {
        'aws:SourceArn': [
          'arn:aws:sns:ap-southeast-1:123456789012:payment-alerts-dev',
          'arn:aws:sns:ap-southeast-1:123456789012:operations-alarms-dev',
        ],
      },
    },
  ],
];

describe('the key policy', () => {
  it.each(edges)('has exactly what the edge %s needs', (sid, service, actions, condition) => {
    expect(statements.find((statement) => statement.Sid === sid)).toEqual({
      Sid: sid,
      Effect: 'Allow',
      Principal: { Service: service },
      Action: actions,
      Resource: '*',
      Condition: condition,
    });
  });

  it('lets CloudWatch of the region encrypt the log groups of this environment, and no other', () => {
    const logs = statements.find(({ Sid }) => Sid === 'LogGroups');
    expect(logs?.Principal).toEqual({ Service: 'logs.ap-southeast-1.amazonaws.com' });
    const arns = [logs?.Condition?.['ArnLike']?.['kms:EncryptionContext:aws:logs:arn']].flat();
    expect(arns).toContain('arn:aws:logs:ap-southeast-1:123456789012:log-group:/aws/lambda/webhook-receiver-dev');
    expect(arns.filter((arn) => !arn?.includes('-dev') && !arn?.includes('API-Gateway-Execution-Logs_'))).toEqual([]);
  });

  it('leaves the account in charge', () => {
    expect(statements[0]).toMatchObject({ Principal: { AWS: 'arn:aws:iam::123456789012:root' }, Action: 'kms:*' });
  });

  it('has no service without a condition, and one statement per edge', () => {
    const services = statements.filter(({ Principal }) => JSON.stringify(Principal).includes('Service'));
    expect(services.filter(({ Condition }) => Condition === undefined)).toEqual([]);
    expect(new Set(statements.map(({ Sid }) => Sid)).size).toBe(statements.length);
  });
});
