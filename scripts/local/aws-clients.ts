import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';

/** One client per service, all on one endpoint. */
export interface AwsClients {
  readonly dynamodb: DynamoDBClient;
  readonly streams: DynamoDBStreamsClient;
  readonly events: EventBridgeClient;
  readonly s3: S3Client;
  readonly secrets: SecretsManagerClient;
  readonly sns: SNSClient;
  readonly sqs: SQSClient;
  readonly ssm: SSMClient;
  destroy(): void;
}

/** What every client has; the union of their own types is too large for the compiler. */
interface WithSteps {
  readonly middlewareStack: { remove(step: string): boolean };
}

/** Any AWS-compatible endpoint takes these; no AWS account does. */
const dummyCredentials = { accessKeyId: 'local', secretAccessKey: 'local' } as const;

// The laptop's Node may be older than the one that the functions get on Lambda.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

export function awsClients(endpoint: string, region: string): AwsClients {
  const config = { endpoint, region, credentials: dummyCredentials, maxAttempts: 3 };
  const clients = {
    dynamodb: new DynamoDBClient(config),
    streams: new DynamoDBStreamsClient(config),
    events: new EventBridgeClient(config),
    s3: new S3Client({ ...config, forcePathStyle: true }),
    secrets: new SecretsManagerClient(config),
    sns: new SNSClient(config),
    sqs: new SQSClient({ ...config, useQueueUrlAsEndpoint: false }),
    ssm: new SSMClient(config),
  };
  // It copies every answer without its secrets for a logger that there is not: a third of what reading a stream costs.
  const stacked: readonly WithSteps[] = Object.values(clients);
  for (const { middlewareStack } of stacked) middlewareStack.remove('loggerMiddleware');
  return {
    ...clients,
    destroy: () => {
      for (const client of Object.values(clients)) client.destroy();
    },
  };
}
