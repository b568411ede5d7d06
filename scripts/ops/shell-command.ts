type Values = Readonly<Record<string, string | number | boolean | undefined>>;

/** A command line that a person can paste: options that are undefined or false are left out, those that are true have no value. */
export function shellCommand(command: string, options: Values): string {
  const words = Object.entries(options).flatMap(([name, value]) => {
    if (value === undefined || value === false) return [];
    return value === true ? [`--${name}`] : [`--${name}`, quoted(String(value))];
  });
  return ['npm run ops --', command, ...words].join(' ');
}

function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
