import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CreateTableCommand, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { dynamodbReconcileLedger } from '../../../../functions/shared/aws/dynamodb-reconcile-ledger';
import type { ReconcileLedger } from '../../../../functions/shared/domain/ports';
import { awsClients, type AwsClients } from '../../../../scripts/local/aws-clients';
import { startEmbeddedAws, type EmbeddedAws } from '../../../../scripts/local/aws/embedded-aws';

let aws: EmbeddedAws;
let clients: AwsClients;
let ledger: ReconcileLedger;
const TableName = 'payments';

beforeAll(async () => {
  aws = await startEmbeddedAws();
  clients = awsClients(aws.endpoint, aws.region);
  await clients.dynamodb.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: 'paymentId', KeyType: 'HASH' },
        { AttributeName: 'eventKey', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        { AttributeName: 'paymentId', AttributeType: 'S' },
        { AttributeName: 'eventKey', AttributeType: 'S' },
      ],
    }),
  );
  ledger = dynamodbReconcileLedger(clients.dynamodb, TableName);
}, 30_000);
afterAll(async () => {
  clients.destroy();
  await aws.close();
});

describe('dynamodbReconcileLedger', () => {
  it('lends a name to one run at a time, until the lease is over or given back', async () => {
    expect(await ledger.acquire('a', 'run-1', 1000, 2000)).toEqual({});
    expect(await ledger.acquire('a', 'run-2', 1999, 3000)).toBeUndefined();
    expect(await ledger.acquire('b', 'run-2', 1999, 3000)).toEqual({});
    // Lambda's retry of one invocation has its id.
    expect(await ledger.acquire('a', 'run-1', 1500, 2500)).toEqual({});
    expect(await ledger.acquire('a', 'run-2', 2500, 3500)).toEqual({});
    await ledger.release('a', 'run-1');
    expect(await ledger.acquire('a', 'run-3', 3000, 4000)).toBeUndefined();
    await ledger.release('a', 'run-2');
    expect(await ledger.acquire('a', 'run-3', 3000, 4000)).toEqual({});
  });

  it('keeps what it is told, and forgets what is left out', async () => {
    await ledger.acquire('c', 'run', 1, 10);
    const open = { fromMs: 5, untilMs: 9, cursor: 'evt_1' };
    for (const progress of [{ open }, { reconciledUntilMs: 4, open }, { reconciledUntilMs: 9 }, { open: { fromMs: 5, untilMs: 9 } }, {}]) {
      await ledger.save('c', 'run', progress);
      expect(await ledger.acquire('c', 'run', 2, 10)).toEqual(progress);
    }
  });

  it('saves nothing for a run that has lost its lease', async () => {
    await ledger.acquire('d', 'run-1', 1, 10);
    await ledger.acquire('d', 'run-2', 11, 20);
    await expect(ledger.save('d', 'run-1', { reconciledUntilMs: 1 })).rejects.toThrow('the lease of reconciler:d is not ours any more');
    expect(await ledger.acquire('d', 'run-2', 12, 20)).toEqual({});
  });

  it('is a row that no reader of events takes for one', async () => {
    await ledger.acquire('e', 'run', 1, 10);
    const Key = { paymentId: { S: 'reconciler:e' }, eventKey: { S: 'checkpoint' } };
    const { Item } = await clients.dynamodb.send(new GetItemCommand({ TableName, Key }));
    expect(Object.keys(Item ?? {}).toSorted()).toEqual(['eventKey', 'leaseOwner', 'leaseUntilMs', 'paymentId']);
  });
});
