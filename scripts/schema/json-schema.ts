import { toJsonSchema } from '@valibot/to-json-schema';
import { publishedEventSchema } from '../../functions/shared/aws/bus-event';
import { isObject, type JsonObject } from '../local/json';
import { docsOf } from './docs';

/** Files whose docstrings describe the fields. */
const described = ['functions/shared/domain/payment-event.ts', 'functions/shared/domain/published-event.ts'];

/** A JSON Schema of one field. */
export interface FieldSchema extends JsonObject {
  readonly description: string;
}

/** The JSON Schema (draft 7) of the event's detail, as the code has it now. Throws when a field has no docstring. */
export interface EventSchema extends JsonObject {
  readonly description: string;
  readonly properties: Readonly<Record<string, FieldSchema>>;
  readonly required: readonly string[];
}

export function eventSchema(root: string): EventSchema {
  const made: unknown = toJsonSchema(publishedEventSchema, {
    target: 'draft-07',
    // What JSON Schema cannot say: that a day of a time exists, that a code is a currency.
    ignoreActions: ['check'],
  });
  const { properties, required } = isObject(made) ? made : {};
  if (!isObject(properties) || !Array.isArray(required)) throw new Error('the schema of the published event is no object');
  const docs = docsOf(root, described);
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Payment event, version 1',
    description:
      'The detail of an event on the bus: source payment.processor. Made by npm run schema; do not edit. New optional fields may come.',
    type: 'object',
    properties: Object.fromEntries(Object.entries(properties).map(([name, field]) => [name, describedField(name, field, docs)])),
    required: required.map(String),
  };
}

function describedField(name: string, field: unknown, docs: ReadonlyMap<string, string>): FieldSchema {
  const description = docs.get(name);
  if (description === undefined) throw new Error(`the field "${name}" has no docstring in ${described.join(' or ')}`);
  if (!isObject(field)) throw new Error(`the field "${name}" has no schema`);
  return { description, ...field };
}
