/** What the shell is told; README and docs/ops.md name the same numbers. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, notFound: 3, stopped: 130 } as const;

type ExitCode = (typeof exitCodes)[Exclude<keyof typeof exitCodes, 'ok'>];

/** An end that was foreseen: one line for the person, one number for the script. */
export class OpsFailure extends Error {
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode = exitCodes.failed, options?: { readonly cause: unknown }) {
    super(message, options);
    this.name = 'OpsFailure';
    this.exitCode = exitCode;
  }
}

export function notFound(message: string): OpsFailure {
  return new OpsFailure(message, exitCodes.notFound);
}

export function wrongUsage(message: string): OpsFailure {
  return new OpsFailure(message, exitCodes.usage);
}

export function stopped(message: string): OpsFailure {
  return new OpsFailure(message, exitCodes.stopped);
}

/** What AWS's errors mean to whoever typed the command, by name; every other error speaks for itself. */
const meanings: Readonly<Record<string, string>> = {
  CredentialsProviderError: 'no AWS credentials were found: sign in (aws sso login) or set AWS_PROFILE',
  ExpiredToken: 'the AWS credentials have expired: sign in again',
  ExpiredTokenException: 'the AWS credentials have expired: sign in again',
  UnrecognizedClientException: 'AWS does not know these credentials: check AWS_PROFILE and the region',
  InvalidClientTokenId: 'AWS does not know these credentials: check AWS_PROFILE and the region',
  InvalidAccessKeyId: 'AWS does not know these credentials: check AWS_PROFILE',
  InvalidSignatureException: 'AWS refuses the signature: check the credentials and the clock of this machine',
  TimeoutError: 'AWS did not answer in time: check the region and the network',
};

/** The SDK wraps these in errors of its own, and keeps their words only. */
const unreachable = /\b(ECONN[A-Z]+|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)\b/;

/** One line, without a stack and without line breaks. */
export function lineOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const meaning = meanings[error.name];
  if (meaning !== undefined) return meaning;
  if (/^AccessDenied/.test(error.name)) return `not allowed: ${oneLine(error.message)}`;
  const nested = error instanceof AggregateError ? error.errors.find((one) => one instanceof Error) : undefined;
  const text =
    oneLine(error.message).replace('AWS SDK error wrapper for Error: ', '') ||
    (nested instanceof Error ? oneLine(nested.message) : '') ||
    error.name;
  return unreachable.test(text) ? `cannot reach AWS (${text}): is the endpoint, the region or the network right?` : text;
}

export function isErrorNamed(error: unknown, ...names: readonly string[]): boolean {
  return error instanceof Error && names.includes(error.name);
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
