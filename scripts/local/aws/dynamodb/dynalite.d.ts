/* eslint-disable no-restricted-exports -- dynalite's modules are CommonJS values, which an import sees as default exports */
/** The parts of dynalite 4.0.0 that the embedded DynamoDB is built on; it comes without types. */
declare module 'dynalite/db' {
  type AttributeValue = Record<string, unknown>;
  type Item = Record<string, AttributeValue>;
  interface KeyElement {
    AttributeName: string;
    KeyType: 'HASH' | 'RANGE';
  }
  interface Table {
    TableName: string;
    TableStatus: string;
    KeySchema: KeyElement[];
  }
  interface ActionError extends Error {
    statusCode?: number;
    body?: { __type: string; message?: string; Message?: string; Item?: Item };
  }
  type Callback<T> = (error: ActionError | null | undefined, value?: T) => void;
  interface ItemDb {
    put: (key: string, item: Item, callback: Callback<undefined>) => void;
    del: (key: string, callback: Callback<undefined>) => void;
    createValueStream: (options?: object) => AsyncIterable<Item>;
  }
  interface Store {
    db: { close(): Promise<void> };
    tableDb: { awsAccountId: string; awsRegion: string };
    getItemDb: (tableName: string) => ItemDb;
    getTable: (tableName: string, checkStatus: boolean, callback: Callback<Table>) => void;
  }
  const db: {
    create: (options: { createTableMs: number; deleteTableMs: number; updateTableMs: number }) => Store;
    createKey: (item: Item, table: Table) => string;
    checkConditional: (data: object, existing: Item | undefined) => ActionError | null | undefined;
    updateIndexes: (
      store: Store,
      table: Table,
      existing: Item | null | undefined,
      item: Item | null,
      callback: Callback<undefined>,
    ) => void;
  };
  export default db;
  export type { ActionError, AttributeValue, Item, ItemDb, KeyElement, Store, Table };
}

declare module 'dynalite/validations' {
  import type { Store } from 'dynalite/db';
  type Types = Record<string, unknown>;
  const validations: {
    checkTypes(data: Record<string, unknown>, types: Types): Record<string, unknown>;
    checkValidations(data: object, types: Types, custom: unknown, store: Store): void;
  };
  export default validations;
}

declare module 'dynalite/validations/*' {
  const validation: { types: Record<string, unknown>; custom?: unknown };
  export default validation;
}

declare module 'dynalite/actions/*' {
  import type { ActionError, Store } from 'dynalite/db';
  const action: (store: Store, data: object, callback: (error: ActionError | null | undefined, output?: unknown) => void) => void;
  export default action;
}
