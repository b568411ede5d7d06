import { Construct } from 'constructs';
import { LambdaEventSourceMapping } from '@cdktf/provider-aws/lib/lambda-event-source-mapping';
import type { DeadLetterQueue } from './dead-letter-queue';
import type { PipelineFunction } from './pipeline-function';
import type { Statement } from './policy-document';

export interface StreamTriggerProps<Env extends Readonly<Record<string, string>>> {
  readonly streamArn: string;
  readonly target: PipelineFunction<Env>;
  /** Takes the position in the stream of records that were given up; the rows themselves stay in the table. */
  readonly deadLetters: DeadLetterQueue;
  readonly batchSize: number;
  /** Seconds to wait for a batch to fill. */
  readonly batchingWindowSeconds: number;
  /** Concurrent runs per shard. */
  readonly parallelization: number;
  /** Pattern of the records to run for. Default: all. */
  readonly filter?: Readonly<Record<string, unknown>>;
}

/** Long enough for a bad night of the services behind the function, short enough to be over before the stream forgets. */
const maximumRecordAgeSeconds = 6 * 60 * 60;

/** Runs a function for the changes of a table, in order per key; a record that fails is found by halving and given up after its retries. */
export class StreamTrigger<Env extends Readonly<Record<string, string>>> extends Construct {
  constructor(scope: Construct, id: string, props: StreamTriggerProps<Env>) {
    super(scope, id);
    const { streamArn, target, deadLetters, filter } = props;
    target.allow(statementsFor(streamArn, deadLetters.arn), ['read-table', 'send-messages']);
    new LambdaEventSourceMapping(this, 'mapping', {
      eventSourceArn: streamArn,
      functionName: target.arn,
      startingPosition: 'TRIM_HORIZON',
      batchSize: props.batchSize,
      maximumBatchingWindowInSeconds: props.batchingWindowSeconds,
      parallelizationFactor: props.parallelization,
      ...(filter !== undefined && { filterCriteria: { filter: [{ pattern: JSON.stringify(filter) }] } }),
      functionResponseTypes: ['ReportBatchItemFailures'],
      bisectBatchOnFunctionError: true,
      maximumRetryAttempts: 50,
      maximumRecordAgeInSeconds: maximumRecordAgeSeconds,
      destinationConfig: { onFailure: { destinationArn: deadLetters.arn } },
      dependsOn: [target.policy],
    });
  }
}

function statementsFor(streamArn: string, deadLettersArn: string): readonly Statement[] {
  return [
    {
      Sid: 'ReadStream',
      Effect: 'Allow',
      Action: ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'],
      Resource: streamArn,
    },
    // DynamoDB knows no resources for this one.
    { Sid: 'ListStreams', Effect: 'Allow', Action: 'dynamodb:ListStreams', Resource: '*' },
    { Sid: 'SendDeadLetters', Effect: 'Allow', Action: 'sqs:SendMessage', Resource: deadLettersArn },
  ];
}
