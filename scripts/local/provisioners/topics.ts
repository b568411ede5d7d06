import { CreateTopicCommand, SubscribeCommand } from '@aws-sdk/client-sns';
import type { AwsClients } from '../aws-clients';
import type { Provisioner } from '../provisioning';
import { arnHere } from './stand-ins';

const monitoring = 'there is no monitoring on a laptop';

export function topicProvisioners(clients: Pick<AwsClients, 'sns' | 'sqs' | 'events'>): Readonly<Record<string, Provisioner>> {
  const { sns } = clients;
  return {
    aws_sns_topic: {
      uses: ['name', 'display_name'],
      ignores: {
        kms_master_key_id: 'nothing is encrypted at rest on a laptop',
        policy: 'permissions are not enforced on a laptop',
        delivery_policy: 'nothing is delivered outside the laptop',
        signature_version: 'nothing is delivered outside the laptop',
        tracing_config: 'there is no tracing on a laptop',
        sqs_success_feedback_role_arn: monitoring,
        sqs_failure_feedback_role_arn: monitoring,
        sqs_success_feedback_sample_rate: monitoring,
        http_failure_feedback_role_arn: monitoring,
      },
      async provision(settings) {
        const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: settings.text('name') }));
        return { id: TopicArn, arn: TopicArn };
      },
    },
    aws_sns_topic_subscription: {
      uses: ['topic_arn', 'protocol', 'endpoint', 'raw_message_delivery', 'filter_policy', 'filter_policy_scope', 'redrive_policy'],
      ignores: {
        endpoint_auto_confirms: 'a laptop confirms every subscription',
        confirmation_timeout_in_minutes: 'a laptop confirms every subscription',
        subscription_role_arn: 'permissions are not enforced on a laptop',
      },
      async provision(settings, place) {
        const endpoint = settings.text('endpoint');
        const isQueue = settings.text('protocol') === 'sqs';
        const Attributes = {
          ...optional('FilterPolicy', settings.optionalText('filter_policy')),
          ...optional('FilterPolicyScope', settings.optionalText('filter_policy_scope')),
          ...optional('RedrivePolicy', settings.optionalText('redrive_policy')),
          ...(settings.flag('raw_message_delivery', false) ? { RawMessageDelivery: 'true' } : {}),
        };
        const { SubscriptionArn = '' } = await sns.send(
          new SubscribeCommand({
            TopicArn: settings.text('topic_arn'),
            Protocol: settings.text('protocol'),
            Endpoint: isQueue ? await arnHere(endpoint, clients, place) : endpoint,
            Attributes,
            ReturnSubscriptionArn: true,
          }),
        );
        return { id: SubscriptionArn, arn: SubscriptionArn };
      },
    },
  };
}

function optional(name: string, value: string | undefined): Record<string, string> {
  return value === undefined ? {} : { [name]: value };
}
