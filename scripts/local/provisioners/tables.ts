import {
  CreateTableCommand,
  DescribeTableCommand,
  UpdateTimeToLiveCommand,
  type CreateTableCommandInput,
  type KeySchemaElement,
} from '@aws-sdk/client-dynamodb';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AwsClients } from '../aws-clients';
import type { Provisioner } from '../provisioning';
import type { Settings } from '../settings';

const lifetime = 'a laptop keeps its data only as long as the run';

export function tableProvisioners({ dynamodb }: Pick<AwsClients, 'dynamodb'>): Readonly<Record<string, Provisioner>> {
  const describe = async (TableName: string) => {
    for (;;) {
      const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName }));
      if (Table?.TableStatus === 'ACTIVE') return Table;
      await sleep(20);
    }
  };
  const expire = (TableName: string, AttributeName: string) =>
    dynamodb.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification: { AttributeName, Enabled: true } }));
  return {
    aws_dynamodb_table: {
      uses: [
        'name',
        'hash_key',
        'range_key',
        'attribute',
        'global_secondary_index',
        'billing_mode',
        'stream_enabled',
        'stream_view_type',
        'ttl',
      ],
      ignores: {
        server_side_encryption: 'nothing is encrypted at rest on a laptop',
        point_in_time_recovery: lifetime,
        deletion_protection_enabled: lifetime,
        table_class: 'it changes the price only',
        on_demand_throughput: 'it caps the cost only',
      },
      async provision(settings) {
        await dynamodb.send(new CreateTableCommand(tableInput(settings)));
        const table = await describe(settings.text('name'));
        const ttl = settings.block('ttl', ['attribute_name', 'enabled']);
        if (ttl?.flag('enabled', true) === true) await expire(settings.text('name'), ttl.text('attribute_name'));
        return {
          id: settings.text('name'),
          arn: table.TableArn ?? '',
          stream_arn: table.LatestStreamArn ?? '',
          stream_label: table.LatestStreamLabel ?? '',
        };
      },
    },
  };
}

function tableInput(settings: Settings): CreateTableCommandInput {
  const indexes = settings.blocks('global_secondary_index', ['name', 'hash_key', 'range_key', 'projection_type', 'non_key_attributes']);
  if (settings.optionalText('billing_mode') !== 'PAY_PER_REQUEST') settings.fail('billing_mode', 'is not PAY_PER_REQUEST');
  return {
    TableName: settings.text('name'),
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: keySchema(settings),
    AttributeDefinitions: settings.blocks('attribute', ['name', 'type']).map((attribute) => ({
      AttributeName: attribute.text('name'),
      AttributeType: oneOf(attribute, 'type', ['S', 'N', 'B'] as const),
    })),
    ...(indexes.length === 0 ? {} : { GlobalSecondaryIndexes: indexes.map(indexInput) }),
    ...(settings.flag('stream_enabled', false)
      ? {
          StreamSpecification: {
            StreamEnabled: true,
            StreamViewType: oneOf(settings, 'stream_view_type', ['NEW_AND_OLD_IMAGES', 'NEW_IMAGE', 'OLD_IMAGE', 'KEYS_ONLY'] as const),
          },
        }
      : {}),
  };
}

function indexInput(index: Settings) {
  const projected = index.texts('non_key_attributes');
  return {
    IndexName: index.text('name'),
    KeySchema: keySchema(index),
    Projection: {
      ProjectionType: oneOf(index, 'projection_type', ['ALL', 'KEYS_ONLY', 'INCLUDE'] as const),
      ...(projected.length === 0 ? {} : { NonKeyAttributes: [...projected] }),
    },
  };
}

function keySchema(settings: Settings): KeySchemaElement[] {
  const range = settings.optionalText('range_key');
  return [
    { AttributeName: settings.text('hash_key'), KeyType: 'HASH' as const },
    ...(range === undefined ? [] : [{ AttributeName: range, KeyType: 'RANGE' as const }]),
  ];
}

function oneOf<T extends string>(settings: Settings, name: string, allowed: readonly T[]): T {
  const value = settings.text(name);
  return allowed.find((candidate) => candidate === value) ?? settings.fail(name, `is none of ${allowed.join(', ')}`);
}
