import batchGetItem from 'dynalite/actions/batchGetItem';
import batchWriteItem from 'dynalite/actions/batchWriteItem';
import createTable from 'dynalite/actions/createTable';
import deleteItem from 'dynalite/actions/deleteItem';
import deleteTable from 'dynalite/actions/deleteTable';
import describeTable from 'dynalite/actions/describeTable';
import getItem from 'dynalite/actions/getItem';
import listTables from 'dynalite/actions/listTables';
import putItem from 'dynalite/actions/putItem';
import query from 'dynalite/actions/query';
import scan from 'dynalite/actions/scan';
import updateItem from 'dynalite/actions/updateItem';
import type { ActionError, Store } from 'dynalite/db';
import validations from 'dynalite/validations';
import batchGetItemInput from 'dynalite/validations/batchGetItem';
import batchWriteItemInput from 'dynalite/validations/batchWriteItem';
import createTableInput from 'dynalite/validations/createTable';
import deleteItemInput from 'dynalite/validations/deleteItem';
import deleteTableInput from 'dynalite/validations/deleteTable';
import describeTableInput from 'dynalite/validations/describeTable';
import getItemInput from 'dynalite/validations/getItem';
import listTablesInput from 'dynalite/validations/listTables';
import putItemInput from 'dynalite/validations/putItem';
import queryInput from 'dynalite/validations/query';
import scanInput from 'dynalite/validations/scan';
import updateItemInput from 'dynalite/validations/updateItem';
import { AwsError, UnknownCallError } from '../aws-error';
import type { HookParameters } from './change-hook';

const actions = {
  BatchGetItem: [batchGetItem, batchGetItemInput],
  BatchWriteItem: [batchWriteItem, batchWriteItemInput],
  CreateTable: [createTable, createTableInput],
  DeleteItem: [deleteItem, deleteItemInput],
  DeleteTable: [deleteTable, deleteTableInput],
  DescribeTable: [describeTable, describeTableInput],
  GetItem: [getItem, getItemInput],
  ListTables: [listTables, listTablesInput],
  PutItem: [putItem, putItemInput],
  Query: [query, queryInput],
  Scan: [scan, scanInput],
  UpdateItem: [updateItem, updateItemInput],
} as const;

/** A call that dynalite answers. */
export type ActionName = keyof typeof actions;

/** The calls that dynalite answers. */
export const actionNames: readonly ActionName[] = [
  'BatchGetItem',
  'BatchWriteItem',
  'CreateTable',
  'DeleteItem',
  'DeleteTable',
  'DescribeTable',
  'GetItem',
  'ListTables',
  'PutItem',
  'Query',
  'Scan',
  'UpdateItem',
];

function isActionError(error: unknown): error is Required<ActionError> {
  return error instanceof Error && 'statusCode' in error && 'body' in error;
}

function toAwsError(error: unknown): unknown {
  if (!isActionError(error)) return error;
  const { __type, message, Message, Item } = error.body;
  const code = __type.slice(__type.indexOf('#') + 1);
  return new AwsError(code, message ?? Message ?? '', { status: error.statusCode, members: Item === undefined ? {} : { Item } });
}

/** Runs one of dynalite's actions as its own server would. */
export async function runAction(
  store: Store,
  name: ActionName,
  input: Record<string, unknown>,
  hook: HookParameters = {},
): Promise<unknown> {
  const [action, { types, custom }] = actions[name];
  const unknown = Object.keys(input).find((key) => !Object.hasOwn(types, key));
  if (unknown !== undefined) throw new UnknownCallError(`the parameter ${unknown} of dynamodb:${name}`);
  try {
    const data = validations.checkTypes(input, types);
    validations.checkValidations(data, types, custom, store);
    Object.assign(data, hook);
    return await new Promise<unknown>((resolve, reject) => {
      action(store, data, (error, output) => {
        if (error === null || error === undefined) resolve(output);
        else reject(error);
      });
    });
  } catch (error) {
    throw toAwsError(error);
  }
}
