import { DescribeKeyCommand, GetKeyPolicyCommand, GetKeyRotationStatusCommand } from '@aws-sdk/client-kms';
import { isErrorNamed } from '../failure';
import { error, warning, type Check, type Symptom } from './check';
import type { Patient } from './patient';
import { missingStatements, statementsIn } from './policies';
import { Unanswerable } from './unanswerable';

/** What breaks without a statement of the key's policy, by its Sid. */
const edges: Readonly<Record<string, string>> = {
  AccountThroughIam: 'no role of the account may use the key: nothing is received, stored or sent',
  AlarmsToOperationsTopic: 'CloudWatch may not use the key of the operations topic: alarms ring and nobody hears of it',
  EventBridgeToQueues: 'EventBridge may not use the key of the queues: alerts are lost on their way to the notification queue',
  EventBusDescribesKey: 'the event bus may not look at its key: nothing can be published',
  EventBusStoresEvents: 'the event bus may not use its key: nothing can be published',
  TopicsToDeliveryDeadLetters: 'SNS may not use the key of the dead letters: alerts that are not delivered are lost',
  LogGroups: 'CloudWatch Logs may not use the key: the functions log nothing',
};

/** The customer-managed key that everything is encrypted with. */
export const keyChecks: readonly Check[] = [
  {
    id: 'key-usable',
    title: 'The key is enabled and turned over every year',
    notLocal: 'nothing is encrypted at rest there',
    run: keyState,
    mend: (patient) => patient.deploy('data'),
  },
  {
    id: 'key-policy',
    title: 'The live key policy lets every service in that needs the key',
    notLocal: 'nothing is encrypted at rest there',
    run: keyPolicy,
    mend: (patient) => patient.deploy('data'),
  },
];

async function keyState(patient: Patient): Promise<readonly Symptom[]> {
  const { operator, names } = patient.target;
  const { KeyId, KeyState, Enabled } = await describedKey(patient);
  if (KeyState === 'PendingDeletion')
    return [
      error(
        `the key of ${names.keyAlias} is about to be deleted, and all data with it`,
        `aws kms cancel-key-deletion --key-id ${String(KeyId)}`,
      ),
    ];
  if (Enabled !== true)
    return [
      error(`the key of ${names.keyAlias} is disabled: nothing can be read or stored`, `aws kms enable-key --key-id ${String(KeyId)}`),
    ];
  const { KeyRotationEnabled } = await operator.kms.send(new GetKeyRotationStatusCommand({ KeyId }));
  return KeyRotationEnabled === true ? [] : [warning(`the key of ${names.keyAlias} is not turned over every year`)];
}

async function describedKey({ target: { operator, names } }: Patient) {
  try {
    const { KeyMetadata } = await operator.kms.send(new DescribeKeyCommand({ KeyId: names.keyAlias }));
    if (KeyMetadata !== undefined) return KeyMetadata;
  } catch (cause) {
    if (!isErrorNamed(cause, 'NotFoundException')) throw cause;
  }
  throw new Unanswerable(`there is no key ${names.keyAlias}: is the data stack deployed?`);
}

async function keyPolicy(patient: Patient): Promise<readonly Symptom[]> {
  const wanted = patient.expected.of('aws_kms_key').map((key) => key.text('policy'));
  const { KeyId } = await describedKey(patient);
  const { Policy = '' } = await patient.target.operator.kms.send(new GetKeyPolicyCommand({ KeyId, PolicyName: 'default' }));
  const live = statementsIn(Policy);
  if (live === undefined) return [error('the policy of the key is not JSON')];
  return wanted.flatMap((policy) =>
    missingStatements(statementsIn(policy) ?? [], live).map(({ sid, how }) =>
      error(`${how}: ${edges[sid] ?? `the statement ${sid} is needed`}`),
    ),
  );
}
