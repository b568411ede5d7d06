import { isJsonArray, isObject, type Json } from '../local/json';
import type { EventSchema } from './json-schema';

const typeOfName: ReadonlyMap<unknown, string> = new Map([
  ['integer', 'number'],
  ...['string', 'number', 'boolean', 'null'].map((name) => [name, name] as const),
]);

/** The TypeScript declarations of the schema: one file without imports, for consumers to copy or to import. */
export function typesOf({ description, properties, required }: EventSchema): string {
  const fields = Object.entries(properties).map(([name, field]) => {
    const optional = required.includes(name) ? '' : '?';
    return `  /** ${field.description} */\n  readonly ${name}${optional}: ${typeOf(field)};`;
  });
  return [
    `/** ${description} */`,
    'export interface PaymentEventDetail {',
    ...fields,
    '}',
    '',
    '/** What a rule delivers: the envelope of EventBridge around the detail. */',
    'export interface PaymentEventEnvelope {',
    "  readonly source: 'payment.processor';",
    '  /** `Provider Event Received` for kind `other`. */',
    "  readonly 'detail-type': 'Payment Processed' | 'Provider Event Received';",
    '  readonly id: string;',
    '  readonly time: string;',
    '  readonly detail: PaymentEventDetail;',
    '}',
    '',
  ].join('\n');
}

function typeOf(schema: Json): string {
  if (!isObject(schema)) throw new Error('a schema is no object');
  const { enum: words, anyOf, type, properties } = schema;
  if (isJsonArray(words)) return words.map((word) => (typeof word === 'string' ? `'${word}'` : JSON.stringify(word))).join(' | ');
  if (isJsonArray(anyOf)) return anyOf.map(typeOf).join(' | ');
  if (isObject(properties)) {
    const fields = Object.entries(properties).map(([name, field]) => `readonly ${name}: ${typeOf(field)}`);
    return `{ ${fields.join('; ')} }`;
  }
  const name = typeOfName.get(type);
  if (name === undefined) throw new Error(`a schema of type ${JSON.stringify(type)} is not known here`);
  return name;
}
