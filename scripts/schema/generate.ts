import { examples } from './examples';
import { eventSchema } from './json-schema';
import { typesOf } from './types';

/** Every generated file by its path below docs/events, with its text. `root` is the project's folder. */
export function generatedFiles(root: string): ReadonlyMap<string, string> {
  const schema = eventSchema(root);
  return new Map([
    ['payment-event.v1.schema.json', json(schema)],
    ['payment-event.v1.d.ts', typesOf(schema)],
    ...[...examples()].map(([kind, event]) => [`examples/${kind}.json`, json(event)] as const),
  ]);
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
