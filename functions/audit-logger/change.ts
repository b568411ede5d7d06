/** A value of a row; bytes as bytes. */
export type Value = string | number | boolean | null | Uint8Array | readonly Value[] | { readonly [name: string]: Value };
/** A row before or after a change; empty where there was none. */
export type Image = Readonly<Record<string, Value>>;

/** One change of the table, whoever made it. */
export interface Change {
  readonly eventName: string;
  readonly sequenceNumber: string;
  /** Milliseconds since the epoch, to the second. */
  readonly at: number;
  readonly keys: Image;
  readonly oldImage: Image;
  readonly newImage: Image;
  /** The service that made the change on its own; `dynamodb.amazonaws.com` when the row's time to live ran out. */
  readonly principal?: string;
}
