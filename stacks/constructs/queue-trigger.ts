import { Construct } from 'constructs';
import { LambdaEventSourceMapping } from '@cdktf/provider-aws/lib/lambda-event-source-mapping';
import type { PipelineFunction } from './pipeline-function';
import type { WorkQueue } from './work-queue';

export interface QueueTriggerProps<Env extends Readonly<Record<string, string>>> {
  readonly queue: WorkQueue;
  readonly target: PipelineFunction<Env>;
  /**
   * Most concurrent runs. Not reserved concurrency: Lambda's pollers do not know of that,
   * receive more than they can hand over, and use up the receive count of healthy messages.
   */
  readonly maximumConcurrency: number;
}

/** Runs a function for batches of ten messages, of which each can fail alone. */
export class QueueTrigger<Env extends Readonly<Record<string, string>>> extends Construct {
  constructor(scope: Construct, id: string, { queue, target, maximumConcurrency }: QueueTriggerProps<Env>) {
    super(scope, id);
    target.allow(
      [
        {
          Sid: 'ReceiveMessages',
          Effect: 'Allow',
          Action: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
          Resource: queue.arn,
        },
        // The function itself decides when its failed messages are seen again.
        { Sid: 'PostponeMessages', Effect: 'Allow', Action: 'sqs:ChangeMessageVisibility', Resource: queue.arn },
      ],
      ['receive-messages'],
    );
    new LambdaEventSourceMapping(this, 'mapping', {
      eventSourceArn: queue.arn,
      functionName: target.arn,
      batchSize: 10,
      functionResponseTypes: ['ReportBatchItemFailures'],
      scalingConfig: { maximumConcurrency },
      dependsOn: [target.policy],
    });
  }
}
