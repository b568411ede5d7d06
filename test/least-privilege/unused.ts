/** Actions that are granted although no scenario and no page in on-behalf.ts uses them, and why. */
export interface Unused {
  readonly functions: readonly string[];
  readonly actions: readonly string[];
  /** Service that the key is used through. */
  readonly through: string;
  readonly reason: string;
}

const tableKey =
  'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html lists it among the least that DynamoDB ' +
  'requires on a customer-managed key, and does not say for which call; only AWS can show that it may go';

/** Everything that is granted for a reason that nothing on a laptop can show. CreateGrant of the same list is for who makes the table. */
export const unused: readonly Unused[] = [
  {
    functions: ['webhook-receiver', 'event-processor', 'notification-handler', 'reconciler'],
    actions: ['kms:Encrypt', 'kms:GenerateDataKey', 'kms:GenerateDataKeyWithoutPlaintext', 'kms:ReEncryptFrom', 'kms:ReEncryptTo'],
    through: 'dynamodb',
    reason: tableKey,
  },
  {
    functions: ['webhook-receiver', 'event-relay', 'event-processor', 'notification-handler', 'audit-logger', 'reconciler'],
    actions: ['kms:DescribeKey'],
    through: 'dynamodb',
    reason: tableKey,
  },
];
