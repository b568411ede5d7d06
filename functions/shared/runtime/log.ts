import { Logger } from '@aws-lambda-powertools/logger';

type Fields = Readonly<Record<string, unknown>>;

/** Writes one JSON line. Never given a body, a header, a signature or a secret. */
export interface Log {
  info(message: string, fields: Fields): void;
  warn(message: string, fields: Fields): void;
  error(message: string, fields: Fields): void;
}

/** The log of this function; POWERTOOLS_SERVICE_NAME and POWERTOOLS_LOG_LEVEL apply. */
export function createLog(): Log {
  return new Logger();
}
