import { CreateQueueCommand, GetQueueAttributesCommand, SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import type { AwsClients } from '../aws-clients';
import type { Provisioner } from '../provisioning';
import type { Settings } from '../settings';

const encryption = 'nothing is encrypted at rest on a laptop';
const permission = 'permissions are not enforced on a laptop';

/** Terraform's names of the queue attributes that the embedded AWS acts on. */
const attributeNames = {
  visibility_timeout_seconds: 'VisibilityTimeout',
  message_retention_seconds: 'MessageRetentionPeriod',
  delay_seconds: 'DelaySeconds',
  max_message_size: 'MaximumMessageSize',
  receive_wait_time_seconds: 'ReceiveMessageWaitTimeSeconds',
} as const;

export function queueProvisioners({ sqs }: Pick<AwsClients, 'sqs'>): Readonly<Record<string, Provisioner>> {
  return {
    aws_sqs_queue: {
      uses: ['name', 'redrive_policy', 'redrive_allow_policy', ...Object.keys(attributeNames)],
      ignores: {
        kms_master_key_id: encryption,
        kms_data_key_reuse_period_seconds: encryption,
        sqs_managed_sse_enabled: encryption,
        policy: permission,
      },
      async provision(settings) {
        const { QueueUrl = '' } = await sqs.send(
          new CreateQueueCommand({ QueueName: settings.text('name'), Attributes: queueAttributes(settings) }),
        );
        const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
        return { id: QueueUrl, url: QueueUrl, arn: Attributes?.['QueueArn'] ?? '' };
      },
    },
    aws_sqs_queue_redrive_policy: {
      uses: ['queue_url', 'redrive_policy'],
      ignores: {},
      async provision(settings) {
        const QueueUrl = settings.text('queue_url');
        await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { RedrivePolicy: settings.text('redrive_policy') } }));
        return { id: QueueUrl };
      },
    },
    aws_sqs_queue_redrive_allow_policy: {
      uses: ['queue_url', 'redrive_allow_policy'],
      ignores: {},
      async provision(settings) {
        const QueueUrl = settings.text('queue_url');
        await sqs.send(
          new SetQueueAttributesCommand({ QueueUrl, Attributes: { RedriveAllowPolicy: settings.text('redrive_allow_policy') } }),
        );
        return { id: QueueUrl };
      },
    },
  };
}

function queueAttributes(settings: Settings): Record<string, string> {
  const numbers = Object.entries(attributeNames).flatMap(([property, attribute]) => {
    const value = settings.optionalNumber(property);
    return value === undefined ? [] : [[attribute, String(value)] as const];
  });
  const redrive = settings.optionalText('redrive_policy');
  const allow = settings.optionalText('redrive_allow_policy');
  return {
    ...Object.fromEntries(numbers),
    ...(redrive === undefined ? {} : { RedrivePolicy: redrive }),
    ...(allow === undefined ? {} : { RedriveAllowPolicy: allow }),
  };
}
