import { readFileSync } from 'node:fs';
import { environments } from '../../stacks/environments';
import { at } from './synthesized';

interface Field {
  /** Dotted, as error messages name it. */
  readonly name: string;
  readonly meaning: string;
}

const introduction = `# Settings of an environment

What each field of [\`stacks/settings.ts\`](../stacks/settings.ts) means, and what [\`stacks/environments.ts\`](../stacks/environments.ts) chooses. An
environment without a record of its own, such as \`pr-42\`, has the settings of \`dev\`. A wrong value stops the synthesis with the field's name and what is
allowed. Variables: \`AWS_ACCOUNT_ID\`, \`STATE_BUCKET\` with \`STATE_LOCK_TABLE\`, \`ALERT_EMAILS\`, \`OPERATIONS_EMAILS\`,
\`ALERT_ENDPOINTS\`. Written by \`npm run rules\`.
`;

/** docs/environments.md: every setting with its docstring, and its value in each environment. */
export function environmentsPage(): string {
  const names = [...environments.keys()];
  return [
    introduction,
    `| setting | what it means | ${names.join(' | ')} |`,
    `|---|---|${names.map(() => '---|').join('')}`,
    ...fieldsOf(readFileSync('stacks/settings.ts', 'utf8')).map(rowOf),
    '',
  ].join('\n');
}

/** The fields of the interface `Settings` with their docstrings. Throws for one without. */
export function fieldsOf(source: string): readonly Field[] {
  const body = /export interface Settings \{\n([\s\S]*?)\n\}/.exec(source)?.[1] ?? '';
  const fields: Field[] = [];
  const groups: string[] = [];
  let meaning = '';
  for (const line of body.split('\n').map((each) => each.trim())) {
    const field = /^readonly (\w+)\??: (.*)$/.exec(line);
    if (line.startsWith('/**')) meaning = line.replace(/^\/\*\* | \*\/$/g, '');
    else if (line === '};') groups.pop();
    else if (field?.[1] !== undefined) {
      const name = [...groups, field[1]].join('.');
      if (meaning === '') throw new Error(`the setting ${name} has no docstring`);
      if (field[2] === '{') groups.push(field[1]);
      fields.push({ name, meaning });
      meaning = '';
    }
  }
  return fields;
}

function rowOf({ name, meaning }: Field): string {
  const values = [...environments.values()].map((settings) => shown(at(settings, ...name.split('.'))));
  const cells = values.map((value, index) => (index > 0 && value === values[0] && value !== '' ? 'as dev' : value));
  return `| \`${name}\` | ${meaning} | ${cells.join(' | ')} |`;
}

/** A group's fields have rows of their own. */
function shown(value: unknown): string {
  if (value === undefined) return '–';
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return `\`${JSON.stringify(value).replaceAll('"', "'")}\``;
  const entries = Object.entries(value);
  return entries.length > 3 ? '' : `\`${JSON.stringify(value).replaceAll('"', '')}\``;
}
