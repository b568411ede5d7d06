import db, { type Item, type Store, type Table } from 'dynalite/db';
import * as v from 'valibot';
import { AwsError } from '../aws-error';
import type { JsonService } from '../json-protocol';
import { type Account, ignored, operation, type Operations } from '../service';
import { actionNames, runAction } from './actions';
import { type Change, onChange } from './change-hook';
import { ExpiryIndex, SWEEP_MS } from './expiry';
import { parseIterator, type StreamViewType, TableStream } from './table-stream';

/** DynamoDB and its streams. */
export interface DynamoDb {
  tables: JsonService;
  streams: JsonService;
  close(): Promise<void>;
}

/** What dynalite does not keep of a table. */
interface TableExtras {
  stream: TableStream | undefined;
  expiry: ExpiryIndex | undefined;
  settings: Record<string, unknown>;
}

const viewTypes = ['KEYS_ONLY', 'NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES'] as const satisfies readonly StreamViewType[];
const inputSchema = v.record(v.string(), v.unknown());
const createSchema = v.looseObject({
  TableName: v.optional(v.string(), ''),
  StreamSpecification: v.optional(v.strictObject({ StreamEnabled: v.boolean(), StreamViewType: v.optional(v.picklist(viewTypes)) })),
  DeletionProtectionEnabled: v.optional(v.boolean(), false),
});
const withoutEffect = ['SSESpecification', 'Tags', 'TableClass'];
const tableName = v.string();

function keyOf(item: Item, table: Table): Item {
  const schema = new Set(table.KeySchema.map(({ AttributeName }) => AttributeName));
  return Object.fromEntries(Object.entries(item).filter(([name]) => schema.has(name)));
}

function noResource(message: string): AwsError {
  return new AwsError('ResourceNotFoundException', message);
}

/** Amazon DynamoDB on dynalite, with what dynalite lacks. Differences from AWS: docs/local-aws.md. */
export function createDynamoDb(account: Account): DynamoDb {
  const store: Store = db.create({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  store.tableDb.awsAccountId = account.accountId;
  store.tableDb.awsRegion = account.region;
  const extras = new Map<string, TableExtras>();
  let cancelSweep: (() => void) | undefined;
  let isClosed = false;

  onChange(store, (change) => {
    const extra = extras.get(change.table.TableName);
    extra?.stream?.add(change);
    if (extra?.expiry !== undefined) noteExpiry(extra.expiry, change);
  });

  function noteExpiry(expiry: ExpiryIndex, { table, before, after }: Pick<Change, 'table' | 'before' | 'after'>): void {
    const item = after ?? before ?? {};
    expiry.note(db.createKey(item, table), keyOf(item, table), after);
  }

  function get(name: string): Promise<Table> {
    return new Promise((resolve, reject) => {
      store.getTable(name, false, (_error, table) => {
        if (table === undefined) reject(noResource(`Requested resource not found: Table: ${name} not found`));
        else resolve(table);
      });
    });
  }

  function describe(table: Table): Record<string, unknown> {
    const extra = extras.get(table.TableName);
    const { stream, settings = {} } = extra ?? {};
    const streamed = stream && {
      StreamSpecification: { StreamEnabled: true, StreamViewType: stream.viewType },
      LatestStreamArn: stream.arn,
      LatestStreamLabel: stream.label,
    };
    return { ...table, ...settings, ...streamed };
  }

  async function createTable(input: v.InferOutput<typeof createSchema>): Promise<unknown> {
    const { StreamSpecification, DeletionProtectionEnabled, ...given } = input;
    const rest = Object.fromEntries(Object.entries(given).filter(([name]) => !withoutEffect.includes(name)));
    await runAction(store, 'CreateTable', rest);
    const viewType = StreamSpecification?.StreamEnabled === true ? (StreamSpecification.StreamViewType ?? 'NEW_AND_OLD_IMAGES') : undefined;
    const stream = viewType && new TableStream(account, given.TableName, viewType);
    extras.set(given.TableName, { stream, expiry: undefined, settings: { DeletionProtectionEnabled } });
    // A laptop has no minutes of CREATING: the table is there with the answer.
    let table = await get(given.TableName);
    while (table.TableStatus === 'CREATING') {
      await new Promise((resolve) => setTimeout(resolve, 1));
      table = await get(given.TableName);
    }
    return { TableDescription: describe(table) };
  }

  async function deleteTable(TableName: string): Promise<unknown> {
    if (extras.get(TableName)?.settings['DeletionProtectionEnabled'] === true) {
      throw new AwsError(
        'ValidationException',
        `Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.`,
      );
    }
    const output = await runAction(store, 'DeleteTable', { TableName });
    extras.delete(TableName);
    return output;
  }

  async function sweep(): Promise<void> {
    const now = String(Math.floor(account.clock.now() / 1000));
    for (const [TableName, { expiry }] of extras) {
      if (expiry === undefined) continue;
      for (const Key of expiry.takeExpired()) {
        const condition = {
          ConditionExpression: '#expiry <= :now',
          ExpressionAttributeNames: { '#expiry': expiry.attribute },
          ExpressionAttributeValues: { ':now': { N: now } },
        };
        await runAction(store, 'DeleteItem', { TableName, Key, ...condition }, { isExpiry: true }).catch(ignoreChanged);
      }
    }
  }

  function scheduleSweep(): void {
    cancelSweep = account.clock.schedule(SWEEP_MS, () => {
      void sweep().finally(() => {
        if (!isClosed) scheduleSweep();
      });
    });
  }

  async function updateTimeToLive(table: Table, attribute: string, isEnabled: boolean): Promise<void> {
    const extra = extras.get(table.TableName);
    if (extra === undefined) throw noResource(`Table ${table.TableName} not found`);
    const isSame = isEnabled ? extra.expiry?.attribute === attribute : extra.expiry === undefined;
    if (isSame) throw new AwsError('ValidationException', `TimeToLive is already ${isEnabled ? 'enabled' : 'disabled'}`);
    extra.expiry = isEnabled ? new ExpiryIndex(attribute, account.clock) : undefined;
    if (extra.expiry === undefined) return;
    for await (const item of store.getItemDb(table.TableName).createValueStream()) {
      noteExpiry(extra.expiry, { table, before: undefined, after: item });
    }
    if (cancelSweep === undefined) scheduleSweep();
  }

  const passed = Object.fromEntries(
    actionNames.map((name) => [
      name,
      operation(inputSchema, ({ ReturnValuesOnConditionCheckFailure: asked, ...input }) =>
        runAction(store, name, input, { returnOnFailure: asked === 'ALL_OLD' }),
      ),
    ]),
  );
  const operations: Operations = {
    ...passed,
    CreateTable: operation(createSchema, createTable),
    DeleteTable: operation(v.strictObject({ TableName: tableName }), ({ TableName }) => deleteTable(TableName)),
    DescribeTable: operation(v.strictObject({ TableName: tableName }), async ({ TableName }) => ({
      Table: describe(await get(TableName)),
    })),
    UpdateTimeToLive: operation(
      v.strictObject({
        TableName: tableName,
        TimeToLiveSpecification: v.strictObject({ AttributeName: v.string(), Enabled: v.boolean() }),
      }),
      async ({ TableName, TimeToLiveSpecification }) => {
        await updateTimeToLive(await get(TableName), TimeToLiveSpecification.AttributeName, TimeToLiveSpecification.Enabled);
        return { TimeToLiveSpecification };
      },
    ),
    DescribeTimeToLive: operation(v.strictObject({ TableName: tableName }), async ({ TableName }) => {
      await get(TableName);
      const expiry = extras.get(TableName)?.expiry;
      const description = expiry ? { TimeToLiveStatus: 'ENABLED', AttributeName: expiry.attribute } : { TimeToLiveStatus: 'DISABLED' };
      return { TimeToLiveDescription: description };
    }),
    UpdateContinuousBackups: operation(
      v.strictObject({
        TableName: tableName,
        PointInTimeRecoverySpecification: v.looseObject({ PointInTimeRecoveryEnabled: v.boolean() }),
      }),
      async ({ TableName, PointInTimeRecoverySpecification }) => {
        await get(TableName);
        const PointInTimeRecoveryStatus = PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled ? 'ENABLED' : 'DISABLED';
        const PointInTimeRecoveryDescription = { PointInTimeRecoveryStatus };
        return { ContinuousBackupsDescription: { ContinuousBackupsStatus: 'ENABLED', PointInTimeRecoveryDescription } };
      },
    ),
  };

  function streamOf(arn: string): TableStream {
    const found = [...extras.values()].find(({ stream }) => stream?.arn === arn)?.stream;
    if (found === undefined) throw noResource(`Requested resource not found: Stream: ${arn} not found`);
    return found;
  }

  const streamOperations: Operations = {
    ListStreams: operation(v.strictObject({ TableName: v.optional(v.string()), Limit: ignored }), (input) => ({
      Streams: [...extras.values()].flatMap(({ stream }) =>
        stream === undefined || (input.TableName ?? stream.tableName) !== stream.tableName
          ? []
          : [{ StreamArn: stream.arn, StreamLabel: stream.label, TableName: stream.tableName }],
      ),
    })),
    DescribeStream: operation(v.strictObject({ StreamArn: v.string(), Limit: ignored, ExclusiveStartShardId: ignored }), async (input) => {
      const stream = streamOf(input.StreamArn);
      const { KeySchema } = await get(stream.tableName);
      const Shards = [{ ShardId: stream.shardId, SequenceNumberRange: { StartingSequenceNumber: stream.startingSequenceNumber } }];
      const about = { StreamArn: stream.arn, StreamLabel: stream.label, StreamStatus: 'ENABLED', StreamViewType: stream.viewType };
      return { StreamDescription: { ...about, TableName: stream.tableName, KeySchema, Shards } };
    }),
    GetShardIterator: operation(
      v.strictObject({
        StreamArn: v.string(),
        ShardId: v.string(),
        ShardIteratorType: v.picklist(['TRIM_HORIZON', 'LATEST', 'AT_SEQUENCE_NUMBER', 'AFTER_SEQUENCE_NUMBER']),
        SequenceNumber: v.optional(v.string()),
      }),
      (input) => {
        const stream = streamOf(input.StreamArn);
        if (input.ShardId !== stream.shardId) throw noResource(`Shard does not exist: ${input.ShardId}`);
        return { ShardIterator: stream.iterator(input.ShardIteratorType, input.SequenceNumber) };
      },
    ),
    GetRecords: operation(
      v.strictObject({ ShardIterator: v.string(), Limit: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(1000)), 1000) }),
      (input) => {
        const parsed = parseIterator(input.ShardIterator);
        if (parsed === undefined) throw new AwsError('ValidationException', 'Invalid ShardIterator.');
        return streamOf(parsed.streamArn).read(parsed.iterator, input.Limit);
      },
    ),
  };

  return {
    tables: { name: 'dynamodb', version: '1.0', operations },
    streams: { name: 'streams', version: '1.0', operations: streamOperations },
    async close() {
      isClosed = true;
      cancelSweep?.();
      await store.db.close();
    },
  };
}

/** An item that was changed, or taken out, before its sweep is no longer to be deleted. */
function ignoreChanged(error: unknown): void {
  if (!(error instanceof AwsError)) throw error;
}
