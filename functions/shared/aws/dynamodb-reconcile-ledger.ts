import { ConditionalCheckFailedException, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import type { ReconcileLedger, ReconcileProgress } from '../domain/ports';
import { plainOf } from './attributes';
import { asUnavailable } from './transient';

type Item = Record<string, AttributeValue>;

const rowSchema = v.object({
  reconciledUntilMs: v.exactOptional(v.number()),
  fromMs: v.exactOptional(v.number()),
  untilMs: v.exactOptional(v.number()),
  cursor: v.exactOptional(v.string()),
});

/**
 * Rows `reconciler:<name>` / `checkpoint` of the payments table. They are no events: the relay, the indexes and the lists pass over them,
 * and none of their fields is one that nobody may change. Throws Unavailable('store_unavailable') when the table throttles.
 */
export function dynamodbReconcileLedger(client: Pick<DynamoDBClient, 'send'>, tableName: string): ReconcileLedger {
  /** The row as it is afterwards; undefined where the condition does not hold. */
  const update = async (name: string, condition: string, expression: string, values: Item): Promise<Item | undefined> => {
    try {
      const { Attributes: row } = await client.send(
        new UpdateItemCommand({
          TableName: tableName,
          Key: { paymentId: { S: `reconciler:${name}` }, eventKey: { S: 'checkpoint' } },
          ConditionExpression: condition,
          UpdateExpression: expression,
          ExpressionAttributeNames: namesIn(`${condition} ${expression}`),
          ExpressionAttributeValues: values,
          ReturnValues: 'ALL_NEW',
        }),
      );
      return row ?? {};
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return undefined;
      throw asUnavailable('store_unavailable', error);
    }
  };

  return {
    async acquire(name, owner, nowMs, leaseUntilMs) {
      // A retry of the same run takes its own lease again.
      const condition = 'attribute_not_exists(leaseUntilMs) OR leaseUntilMs <= :now OR leaseOwner = :owner';
      const values = { ':now': number(nowMs), ':owner': { S: owner }, ':until': number(leaseUntilMs) };
      const row = await update(name, condition, 'SET leaseUntilMs = :until, leaseOwner = :owner', values);
      return row === undefined ? undefined : progressOf(row);
    },

    async save(name, owner, progress) {
      const fields = fieldsOf(progress);
      const set = Object.keys(fields).map((field) => `#${field} = :${field}`);
      const gone = Object.keys(rowSchema.entries).filter((field) => fields[field] === undefined);
      const expression = [
        ...(set.length > 0 ? [`SET ${set.join(', ')}`] : []),
        ...(gone.length > 0 ? [`REMOVE #${gone.join(', #')}`] : []),
      ];
      const values = Object.fromEntries(Object.entries(fields).map(([field, value]) => [`:${field}`, value]));
      const row = await update(name, 'leaseOwner = :owner', expression.join(' '), { ...values, ':owner': { S: owner } });
      if (row === undefined) throw new Error(`the lease of reconciler:${name} is not ours any more`);
    },

    async release(name, owner) {
      await update(name, 'leaseOwner = :owner', 'REMOVE leaseUntilMs, leaseOwner', { ':owner': { S: owner } });
    },
  };
}

/** `cursor` is a reserved word of DynamoDB's; every field goes by a name of its own. */
function namesIn(expression: string): Record<string, string> | undefined {
  const names = Object.keys(rowSchema.entries).filter((field) => expression.includes(`#${field}`));
  return names.length === 0 ? undefined : Object.fromEntries(names.map((field) => [`#${field}`, field]));
}

function fieldsOf({ reconciledUntilMs, open }: ReconcileProgress): Item {
  return {
    ...(reconciledUntilMs === undefined ? {} : { reconciledUntilMs: number(reconciledUntilMs) }),
    ...(open === undefined ? {} : { fromMs: number(open.fromMs), untilMs: number(open.untilMs) }),
    ...(open?.cursor === undefined ? {} : { cursor: { S: open.cursor } }),
  };
}

/** A row that nobody can read is begun anew: comparing twice is harmless. */
function progressOf(row: Item): ReconcileProgress {
  const read = v.safeParse(rowSchema, plainOf(row));
  if (!read.success) return {};
  const { reconciledUntilMs, fromMs, untilMs, cursor } = read.output;
  return {
    ...(reconciledUntilMs === undefined ? {} : { reconciledUntilMs }),
    ...(fromMs === undefined || untilMs === undefined ? {} : { open: { fromMs, untilMs, ...(cursor === undefined ? {} : { cursor }) } }),
  };
}

function number(value: number): AttributeValue {
  return { N: String(value) };
}
