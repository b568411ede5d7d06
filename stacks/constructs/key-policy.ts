import { arnsOf, type Place } from '../naming';
import type { Statement } from './policy-document';

/**
 * Who may use the customer-managed key: the account through IAM, and one statement per service that works on its own behalf.
 * In a key policy the resource `*` is the key itself.
 */
export function keyPolicyStatements(place: Place): readonly Statement[] {
  const account = { StringEquals: { 'aws:SourceAccount': place.accountId } };
  const arns = arnsOf(place);
  return [
    {
      Sid: 'AccountThroughIam',
      Effect: 'Allow',
      Principal: { AWS: arns.accountRoot },
      Action: 'kms:*',
      Resource: '*',
    },
    service('AlarmsToOperationsTopic', 'cloudwatch.amazonaws.com', ['kms:Decrypt', 'kms:GenerateDataKey*'], {
      ...account,
      ArnLike: { 'aws:SourceArn': arns.anyAlarm },
    }),
    // Rules to the notification queue, and rules and bus to the routing dead letters.
    // Only for queues: towards a topic EventBridge sends no Source keys, and this condition would drop the events silently.
    service('EventBridgeToQueues', 'events.amazonaws.com', ['kms:Decrypt', 'kms:GenerateDataKey*'], account),
    service('EventBusDescribesKey', 'events.amazonaws.com', ['kms:DescribeKey'], account),
    service('EventBusStoresEvents', 'events.amazonaws.com', ['kms:Decrypt', 'kms:GenerateDataKey'], {
      StringEquals: { 'aws:SourceArn': arns.bus, 'kms:EncryptionContext:aws:events:event-bus:arn': arns.bus },
    }),
    // And to the queue of alerts to be posted, where an environment has one.
    service('TopicsToDeliveryDeadLetters', 'sns.amazonaws.com', ['kms:Decrypt', 'kms:GenerateDataKey*'], {
      ArnEquals: { 'aws:SourceArn': arns.topics },
    }),
    service(
      'LogGroups',
      `logs.${place.region}.amazonaws.com`,
      ['kms:Encrypt*', 'kms:Decrypt*', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*'],
      { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': arns.logGroups } },
    ),
  ];
}

function service(sid: string, principal: string, actions: readonly string[], condition: NonNullable<Statement['Condition']>): Statement {
  return { Sid: sid, Effect: 'Allow', Principal: { Service: principal }, Action: actions, Resource: '*', Condition: condition };
}
