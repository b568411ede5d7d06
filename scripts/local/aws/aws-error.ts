interface ErrorDetails {
  status?: number;
  /** The code of the old query protocol, which SQS sends beside the new one. */
  queryCode?: string;
  /** Members of the error shape besides its message. */
  members?: Record<string, unknown>;
}

/** An answer that AWS gives as an error: its code is the name that an SDK client throws. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;
  readonly queryCode: string;
  readonly members: Record<string, unknown>;

  constructor(code: string, message: string, details: ErrorDetails = {}) {
    super(message);
    this.name = 'AwsError';
    this.code = code;
    this.status = details.status ?? 400;
    this.queryCode = details.queryCode ?? code;
    this.members = details.members ?? {};
  }
}

/** A call, or a parameter of one, that AWS may know and this emulation does not: never answered with silence. */
export class UnknownCallError extends AwsError {
  constructor(message: string) {
    super('NotImplemented', `The embedded AWS does not know ${message}`, { status: 501 });
  }
}
