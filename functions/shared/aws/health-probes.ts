import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DescribeSecretCommand } from '@aws-sdk/client-secrets-manager';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { HealthProbe } from '../domain/ports';

/** Also true while a setting of the table is being changed. */
const usableStatuses: readonly (string | undefined)[] = ['ACTIVE', 'UPDATING'];

/** The table is there and its key is accessible. */
export function tableProbe(client: Pick<DynamoDBClient, 'send'>, tableName: string): HealthProbe {
  return {
    name: 'table',
    async check() {
      const { Table: table } = await client.send(new DescribeTableCommand({ TableName: tableName }));
      if (!usableStatuses.includes(table?.TableStatus)) throw new Error(`the table is ${table?.TableStatus ?? 'not described'}`);
    },
  };
}

/** The queue says how long it keeps a message: the cheapest question that needs the queue to be there. */
export function queueProbe(client: Pick<SQSClient, 'send'>, queueUrl: string): HealthProbe {
  return {
    name: 'processing-queue',
    async check() {
      await client.send(new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['MessageRetentionPeriod'] }));
    },
  };
}

/** The provider's secret has a current value, which is not read. */
export function secretProbe(client: Pick<SecretsManagerClient, 'send'>, namePrefix: string, provider: string): HealthProbe {
  return {
    name: `secret ${provider}`,
    async check() {
      const { VersionIdsToStages: versions = {} } = await client.send(new DescribeSecretCommand({ SecretId: `${namePrefix}/${provider}` }));
      const filled = Object.values(versions).some((stages) => stages.includes('AWSCURRENT'));
      if (!filled) throw new Error('the secret was never given a value');
    },
  };
}
