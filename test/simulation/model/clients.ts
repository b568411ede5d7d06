import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';

/** The SDK clients that the adapters are made over. */
export interface Clients {
  readonly dynamodb: DynamoDBClient;
  readonly events: EventBridgeClient;
  readonly s3: S3Client;
  readonly secrets: SecretsManagerClient;
  readonly sns: SNSClient;
  readonly sqs: SQSClient;
  readonly ssm: SSMClient;
}

const config = { region: 'ap-southeast-1', credentials: { accessKeyId: 'model', secretAccessKey: 'model' } };
const real: Clients = {
  dynamodb: new DynamoDBClient(config),
  events: new EventBridgeClient(config),
  s3: new S3Client(config),
  secrets: new SecretsManagerClient(config),
  sns: new SNSClient(config),
  sqs: new SQSClient(config),
  ssm: new SSMClient(config),
};

/** The real clients with something else behind `send`: no socket is ever opened. */
export function modelClients({ send }: { readonly send: (command: object) => Promise<unknown> }): Clients {
  return {
    dynamodb: over(real.dynamodb, send),
    events: over(real.events, send),
    s3: over(real.s3, send),
    secrets: over(real.secrets, send),
    sns: over(real.sns, send),
    sqs: over(real.sqs, send),
    ssm: over(real.ssm, send),
  };
}

function over<Client extends object>(client: Client, send: (command: object) => Promise<unknown>): Client {
  return new Proxy(client, { get: (target, name): unknown => (name === 'send' ? send : Reflect.get(target, name)) });
}
