import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';

/** Where `npm run schema` writes what the bus carries. */
const schemaFile = join(__dirname, '../docs/events/payment-event.v1.schema.json');

/** A field of the event, as a pattern may ask for it. */
export interface EventField {
  /** `string`, `number`, `boolean`, `null`; none for a field that only has fields. */
  readonly types: readonly string[];
  /** The only values that a string or a number of this field has; empty where there are others. */
  readonly words: readonly unknown[];
  /** Its own fields, where it is an object. */
  readonly fields: EventFields | undefined;
  /** Whether every event has it. */
  readonly required: boolean;
}

export type EventFields = ReadonlyMap<string, EventField>;

interface SchemaNode {
  readonly type?: string | undefined;
  readonly enum?: readonly unknown[] | undefined;
  readonly anyOf?: readonly SchemaNode[] | undefined;
  readonly properties?: Readonly<Record<string, SchemaNode>> | undefined;
  readonly required?: readonly string[] | undefined;
}

const nodeSchema: v.GenericSchema<unknown, SchemaNode> = v.lazy(() =>
  v.object({
    type: v.optional(v.string()),
    enum: v.optional(v.array(v.unknown())),
    anyOf: v.optional(v.array(nodeSchema)),
    properties: v.optional(v.record(v.string(), nodeSchema)),
    required: v.optional(v.array(v.string())),
  }),
);

/** The fields of an event's detail, from its published schema. */
export function eventFields(): EventFields {
  return fieldsOf(v.parse(nodeSchema, JSON.parse(readFileSync(schemaFile, 'utf8'))));
}

function fieldsOf({ properties = {}, required = [] }: SchemaNode): EventFields {
  return new Map(Object.entries(properties).map(([name, node]) => [name, fieldOf(node, required.includes(name))]));
}

function fieldOf(node: SchemaNode, required: boolean): EventField {
  const parts = node.anyOf ?? [node];
  const objects = parts.find(({ properties }) => properties !== undefined);
  return {
    types: parts.flatMap(({ type }) => (type === undefined || type === 'object' ? [] : [type === 'integer' ? 'number' : type])),
    words: parts.flatMap(({ enum: words = [] }) => words),
    fields: objects === undefined ? undefined : fieldsOf(objects),
    required,
  };
}
