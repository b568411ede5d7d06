import db, { type ActionError, type Item, type ItemDb, type Store, type Table } from 'dynalite/db';

/** A change that has happened to an item. */
export interface Change {
  table: Table;
  before: Item | undefined;
  after: Item | undefined;
  /** Whether DynamoDB itself deleted the item, because its time to live was over. */
  isExpiry: boolean;
}

/** What dynalite does not know and the hook does: set on an action's parameters after dynalite has checked them. */
export interface HookParameters {
  returnOnFailure?: boolean;
  isExpiry?: boolean;
}

const listeners = new WeakMap<Store, (change: Change) => void>();
const pending = new WeakMap<Store, Map<string, Change>>();
// The condition check and the index update of one write follow each other without a pause.
let writing: HookParameters = {};

const { checkConditional, updateIndexes } = db;

db.checkConditional = (data, existing) => {
  const parameters: HookParameters = data;
  writing = parameters;
  const failure = checkConditional(data, existing);
  if (failure?.body !== undefined && parameters.returnOnFailure === true && existing !== undefined) failure.body.Item = existing;
  return failure;
};

db.updateIndexes = (store, table, existing, item, callback) => {
  const either = item ?? existing;
  // A delete of what is not there has neither.
  if (either !== null && either !== undefined) {
    const change = { table, before: existing ?? undefined, after: item ?? undefined, isExpiry: writing.isExpiry === true };
    pending.get(store)?.set(`${table.TableName}~${db.createKey(either, table)}`, change);
  }
  updateIndexes(store, table, existing, item, callback);
};

function announce(store: Store, key: string): void {
  const changes = pending.get(store);
  const change = changes?.get(key);
  if (change === undefined) return;
  changes?.delete(key);
  listeners.get(store)?.(change);
}

/** Tells a change once the item is written: who reads it then finds what the change says. */
function watch(store: Store, tableName: string, itemDb: ItemDb): void {
  const { put, del } = itemDb;
  const after = (key: string, callback: (error: ActionError | null | undefined) => void) => (error: ActionError | null | undefined) => {
    if (error === null || error === undefined) announce(store, `${tableName}~${key}`);
    callback(error);
  };
  itemDb.put = (key, item, callback) => {
    put(key, item, after(key, callback));
  };
  itemDb.del = (key, callback) => {
    del(key, after(key, callback));
  };
}

/** Calls the listener for every item that an action writes, in order per key, while the item is still locked. */
export function onChange(store: Store, listener: (change: Change) => void): void {
  listeners.set(store, listener);
  pending.set(store, new Map());
  const watched = new WeakSet<ItemDb>();
  const { getItemDb } = store;
  store.getItemDb = (tableName) => {
    const itemDb = getItemDb(tableName);
    if (!watched.has(itemDb)) {
      watched.add(itemDb);
      watch(store, tableName, itemDb);
    }
    return itemDb;
  };
}
