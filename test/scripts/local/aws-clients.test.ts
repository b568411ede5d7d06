import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { describe, expect, it } from '@jest/globals';
import { awsClients } from '../../../scripts/local/aws-clients';

describe('awsClients', () => {
  it('have no step that copies every answer for a logger, which the SDK’s own have', () => {
    const clients = awsClients('http://127.0.0.1:1', 'eu-west-1');
    const { dynamodb, streams, events, s3, secrets, sns, sqs, ssm } = clients;
    const all = [dynamodb, streams, events, s3, secrets, sns, sqs, ssm];
    const steps = all.flatMap(({ middlewareStack }) => middlewareStack.identify());
    clients.destroy();
    expect(steps.filter((step) => step.startsWith('loggerMiddleware'))).toEqual([]);
    expect(new DynamoDBStreamsClient({ region: 'eu-west-1' }).middlewareStack.identify().join('\n')).toContain('loggerMiddleware');
  });
});
