import { isDeepStrictEqual } from 'node:util';
import { ConditionalCheckFailedException, GetItemCommand, PutItemCommand, QueryCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { holds, updated, type Item } from './expressions';

/** One change as the table's stream has it. */
export interface StreamRecord {
  /** Grows with every change of the table. */
  readonly sequenceNumber: string;
  readonly eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
  readonly keys: Item;
  readonly oldImage?: Item;
  readonly newImage?: Item;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** The payments table with its stream. Every call is one step: nothing comes between its condition and its write. */
export class ModelTable {
  readonly rows = new Map<string, Item>();
  readonly changes: StreamRecord[] = [];
  readonly #now: () => number;
  readonly #onChange: (record: StreamRecord) => void;

  constructor(now: () => number, onChange: (record: StreamRecord) => void = () => undefined) {
    this.#now = now;
    this.#onChange = onChange;
  }

  /** Answers a command as DynamoDB does; undefined when it is none of DynamoDB's. */
  answer(command: object): object | undefined {
    if (command instanceof PutItemCommand) return this.#put(command);
    if (command instanceof GetItemCommand) return this.#get(command.input.Key ?? {});
    if (command instanceof UpdateItemCommand) return this.#update(command);
    if (command instanceof QueryCommand) return this.#query(command);
    return undefined;
  }

  /** Takes a row out, as somebody with access to the table can. */
  remove(keys: Item): void {
    this.#write(keys, undefined);
  }

  /** Writes a row whatever is there, as somebody with access to the table can. */
  overwrite(item: Item): void {
    this.#write(keysOf(item), item);
  }

  #put({ input }: PutItemCommand): object {
    const item = input.Item ?? {};
    const keys = keysOf(item);
    const present = this.rows.get(idOf(keys));
    const { ExpressionAttributeNames: names, ExpressionAttributeValues: values } = input;
    if (!holds(input.ConditionExpression, present, { names, values })) throw refusal(input.ReturnValuesOnConditionCheckFailure, present);
    this.#write(keys, item);
    return {};
  }

  #get(keys: Item): object {
    const item = this.rows.get(idOf(keys));
    return item === undefined ? {} : { Item: item };
  }

  /** Of an index that has the keys alone. */
  #query({ input }: QueryCommand): object {
    const placeholders = { names: input.ExpressionAttributeNames, values: input.ExpressionAttributeValues };
    const conditions = [input.KeyConditionExpression, input.FilterExpression];
    const found = [...this.rows.values()].filter((item) => conditions.every((condition) => holds(condition, item, placeholders)));
    return { Items: found.map(keysOf) };
  }

  #update({ input }: UpdateItemCommand): object {
    const keys = input.Key ?? {};
    const present = this.rows.get(idOf(keys));
    const placeholders = { names: input.ExpressionAttributeNames, values: input.ExpressionAttributeValues };
    if (!holds(input.ConditionExpression, present, placeholders)) throw refusal(input.ReturnValuesOnConditionCheckFailure, present);
    this.#write(keys, updated(present ?? keys, input.UpdateExpression ?? '', placeholders));
    return {};
  }

  #write(keys: Item, item: Item | undefined): void {
    const id = idOf(keys);
    const before = this.rows.get(id);
    // A write that changes nothing leaves no trace in the stream.
    if (isDeepStrictEqual(before, item)) return;
    if (item === undefined) this.rows.delete(id);
    else this.rows.set(id, item);
    const record: StreamRecord = {
      sequenceNumber: String(1_000_000 + this.changes.length),
      eventName: before === undefined ? 'INSERT' : item === undefined ? 'REMOVE' : 'MODIFY',
      keys: keysOf(keys),
      ...(before !== undefined && { oldImage: before }),
      ...(item !== undefined && { newImage: item }),
      at: this.#now(),
    };
    this.changes.push(record);
    this.#onChange(record);
  }
}

function refusal(returned: string | undefined, present: Item | undefined): ConditionalCheckFailedException {
  const item = returned === 'ALL_OLD' && present !== undefined ? { Item: { ...present } } : {};
  return new ConditionalCheckFailedException({ message: 'The conditional request failed', $metadata: { httpStatusCode: 400 }, ...item });
}

function keysOf({ paymentId, eventKey }: Item): Item {
  if (paymentId?.S === undefined || eventKey?.S === undefined) throw new Error('an item without its keys');
  return { paymentId, eventKey };
}

/** One text for both keys. */
export function idOf({ paymentId, eventKey }: Item): string {
  return `${paymentId?.S ?? ''} / ${eventKey?.S ?? ''}`;
}
