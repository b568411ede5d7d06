import type { Construct } from 'constructs';
import { SnsTopicSubscription } from '@cdktf/provider-aws/lib/sns-topic-subscription';
import type { Env } from '../../functions/alert-forwarder/env';
import { namesOf } from '../naming';
import type { AlertEndpointsSecret } from './alert-endpoints-secret';
import type { DeadLetterQueue } from './dead-letter-queue';
import type { PeopleTopic } from './people-topic';
import { PipelineFunction, type FunctionDefaults } from './pipeline-function';
import { QueueTrigger } from './queue-trigger';
import type { WorkQueue } from './work-queue';

export const alertForwarderTimeoutSeconds = 30;

export interface AlertForwarderProps {
  /** What the topics' messages wait in. */
  readonly queue: WorkQueue;
  readonly topics: { readonly alerts: PeopleTopic; readonly operations: PeopleTopic };
  readonly endpoints: AlertEndpointsSecret;
  /** Takes what SNS could not put on the queue. */
  readonly deliveryDeadLetters: DeadLetterQueue;
}

/** Posts what people are told to the HTTPS endpoints of a secret. */
export class AlertForwarder extends PipelineFunction<Env> {
  constructor(scope: Construct, defaults: FunctionDefaults, props: AlertForwarderProps) {
    const { queue, topics, endpoints, deliveryDeadLetters } = props;
    const { suffix, accountId } = defaults.place;
    super(scope, 'alert-forwarder', defaults, {
      description: 'Posts alerts and alarms to HTTPS endpoints',
      timeoutSeconds: alertForwarderTimeoutSeconds,
      memoryMb: 256,
      // Read the secret; and say when the failed come again. The posts between them have 5 s, side by side.
      budget: { totalMs: 20_000, sequentialCalls: 2 },
      environment: {
        SECRET_NAME_PREFIX: namesOf(suffix, accountId).secretPrefix,
        ALERT_TOPIC_ARN: topics.alerts.arn,
        OPERATIONS_TOPIC_ARN: topics.operations.arn,
        FORWARDING_QUEUE_URL: queue.url,
        RETRY_DELAYS_SECONDS: queue.retryDelaysSeconds,
      },
      statements: [{ Sid: 'ReadEndpoints', Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: endpoints.arn }],
      keyUses: ['read-secrets'],
    });
    // Two is the least that Lambda takes; chats throttle who posts more at one time.
    new QueueTrigger(this, 'trigger', { queue, target: this, maximumConcurrency: 2 });
    const redrivePolicy = JSON.stringify({ deadLetterTargetArn: deliveryDeadLetters.arn });
    for (const [id, topic] of Object.entries(topics)) {
      queue.acceptFrom('sns.amazonaws.com', topic.arn);
      // Not raw: the envelope says which topic it was.
      new SnsTopicSubscription(this, `${id}-subscription`, { topicArn: topic.arn, protocol: 'sqs', endpoint: queue.arn, redrivePolicy });
    }
  }
}
