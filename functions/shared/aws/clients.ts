import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';

/** How long and how often a client tries. */
export interface ClientSettings {
  /** Attempts of one call, the first included; at least 1. */
  readonly maxAttempts: number;
  /** Milliseconds after which one attempt fails with a TimeoutError. */
  readonly requestTimeoutMs: number;
}

interface ClientConfig {
  readonly maxAttempts: number;
  readonly requestHandler: {
    readonly connectionTimeout: number;
    readonly requestTimeout: number;
    readonly throwOnRequestTimeout: true;
    readonly socketTimeout: number;
  };
}

function configOf({ maxAttempts, requestTimeoutMs }: ClientSettings): ClientConfig {
  return {
    maxAttempts,
    requestHandler: {
      connectionTimeout: 1000,
      requestTimeout: requestTimeoutMs,
      // Without this the SDK only warns, and waits for ever.
      throwOnRequestTimeout: true,
      // The request timeout ends with the answer's head; this one ends an answer that stalls in its body.
      socketTimeout: requestTimeoutMs,
    },
  };
}

/** Makes a DynamoDB client; once per process, since its connections are kept alive. */
export function dynamodbClient(settings: ClientSettings): DynamoDBClient {
  return new DynamoDBClient(configOf(settings));
}

/** Makes an EventBridge client; once per process. */
export function eventbridgeClient(settings: ClientSettings): EventBridgeClient {
  return new EventBridgeClient(configOf(settings));
}

/** Makes an S3 client; once per process. */
export function s3Client(settings: ClientSettings): S3Client {
  return new S3Client(configOf(settings));
}

/** Makes a Secrets Manager client; once per process. */
export function secretsManagerClient(settings: ClientSettings): SecretsManagerClient {
  return new SecretsManagerClient(configOf(settings));
}

/** Makes an SNS client; once per process. */
export function snsClient(settings: ClientSettings): SNSClient {
  return new SNSClient(configOf(settings));
}

/** Makes an SQS client; once per process. */
export function sqsClient(settings: ClientSettings): SQSClient {
  return new SQSClient(configOf(settings));
}

/** Makes an SSM client; once per process. */
export function ssmClient(settings: ClientSettings): SSMClient {
  return new SSMClient(configOf(settings));
}
