import type { Statement } from './policy-document';

const encrypt = ['kms:Decrypt', 'kms:GenerateDataKey'];
const readTable = ['kms:Decrypt', 'kms:DescribeKey'];
// Spelled out where AWS's example has GenerateDataKey* and ReEncrypt*: nothing here makes key pairs.
const writeTable = [
  ...readTable,
  'kms:Encrypt',
  'kms:GenerateDataKey',
  'kms:GenerateDataKeyWithoutPlaintext',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
];

/** What a role needs of the key when a service uses it in the role's name, by what the role does with that service. */
const actionsFor = {
  'read-table': { service: 'dynamodb', actions: readTable },
  'write-table': { service: 'dynamodb', actions: writeTable },
  'write-objects': { service: 's3', actions: encrypt },
  'send-messages': { service: 'sqs', actions: encrypt },
  'receive-messages': { service: 'sqs', actions: ['kms:Decrypt'] },
  'publish-alerts': { service: 'sns', actions: encrypt },
  'read-secrets': { service: 'secretsmanager', actions: ['kms:Decrypt'] },
} as const;

export type KeyUse = keyof typeof actionsFor;

/** One statement per service: the key, and only through that service. */
export function keyAccess(keyArn: string, region: string, uses: Iterable<KeyUse>): readonly Statement[] {
  const actionsByService = new Map<string, Set<string>>();
  for (const use of uses) {
    const { service, actions } = actionsFor[use];
    const granted = actionsByService.get(service) ?? new Set();
    actionsByService.set(service, new Set([...granted, ...actions]));
  }
  return [...actionsByService].map(([service, actions]) => ({
    Sid: `KeyThrough${service.charAt(0).toUpperCase()}${service.slice(1)}`,
    Effect: 'Allow',
    Action: [...actions],
    Resource: keyArn,
    Condition: { StringEquals: { 'kms:ViaService': `${service}.${region}.amazonaws.com` } },
  }));
}
