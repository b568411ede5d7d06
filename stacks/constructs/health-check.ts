import type { Construct } from 'constructs';
import { LambdaFunctionUrl } from '@cdktf/provider-aws/lib/lambda-function-url';
import { LambdaPermission } from '@cdktf/provider-aws/lib/lambda-permission';
import type { Env } from '../../functions/health-check/env';
import type { Environment } from '../settings';
import { namesOf } from '../naming';
import type { PaymentTable } from './payment-table';
import { PipelineFunction, type FunctionDefaults } from './pipeline-function';
import type { ProviderSecrets } from './provider-secrets';
import type { WorkQueue } from './work-queue';

export interface HealthCheckProps {
  readonly environment: Environment;
  readonly table: PaymentTable;
  readonly processingQueue: WorkQueue;
  readonly secrets: ProviderSecrets;
}

/** Says whether the pipeline can take webhooks, on the API and on a URL that works when the API does not. */
export class HealthCheck extends PipelineFunction<Env> {
  readonly url: string;

  constructor(scope: Construct, defaults: FunctionDefaults, { environment, table, processingQueue, secrets }: HealthCheckProps) {
    const { suffix, accountId } = defaults.place;
    super(scope, 'health-check', defaults, {
      description: 'Says whether webhooks can be taken',
      timeoutSeconds: 5,
      memoryMb: 256,
      // The dependencies are asked side by side, and each has 3 s.
      budget: { totalMs: 3000, sequentialCalls: 1 },
      reservedConcurrency: environment.reservedConcurrency.healthCheck,
      environment: {
        PAYMENT_TABLE_NAME: table.name,
        PROCESSING_QUEUE_URL: processingQueue.url,
        SECRET_NAME_PREFIX: namesOf(suffix, accountId).secretPrefix,
        ENABLED_PROVIDERS: environment.enabledProviders.join(','),
      },
      statements: [
        { Sid: 'AskTable', Effect: 'Allow', Action: 'dynamodb:DescribeTable', Resource: table.arn },
        { Sid: 'AskQueue', Effect: 'Allow', Action: 'sqs:GetQueueAttributes', Resource: processingQueue.arn },
        {
          Sid: 'AskSecrets',
          Effect: 'Allow',
          Action: 'secretsmanager:DescribeSecret',
          Resource: secrets.arnsFor(environment.enabledProviders),
        },
      ],
      // It asks how things are and reads nothing that is encrypted.
      keyUses: [],
    });
    const { functionUrlAuth } = environment;
    this.url = new LambdaFunctionUrl(this, 'url', { functionName: this.name, authorizationType: functionUrlAuth }).functionUrl;
    if (functionUrlAuth === 'NONE') this.letAnybodyInvoke();
  }

  /**
   * Since October 2025 a public URL answers 403 unless `lambda:InvokeFunction` is allowed beside what the provider adds itself.
   * Provider 5.100.0 cannot limit that to calls through the URL, so any AWS account may also call Invoke on this function.
   * Harmless here: it answers the same few words as the URL, takes no input, and reads nothing for the caller.
   */
  private letAnybodyInvoke(): void {
    new LambdaPermission(this, 'public-invoke', { functionName: this.name, action: 'lambda:InvokeFunction', principal: '*' });
  }
}
