/** What an execution environment is started with. */
export interface RuntimeData {
  /** Text of the zip's files by their path on Lambda, `/var/task/…`. */
  readonly files: Readonly<Record<string, string>>;
  readonly handler: string;
  readonly functionName: string;
  readonly functionArn: string;
  readonly memoryMb: number;
  readonly logStreamName: string;
}

export interface Invoke {
  readonly requestId: string;
  readonly traceHeader: string;
  /** The event as JSON. */
  readonly event: string;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
}

/** What went wrong in a function, in Lambda's words. */
export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

/** `lines` is what the function wrote since the last message. */
export type FromWorker =
  | { readonly kind: 'ready' | 'lines'; readonly lines: readonly string[] }
  | { readonly kind: 'done'; readonly result: string; readonly lines: readonly string[] }
  | { readonly kind: 'failed' | 'init-failed' | 'exited'; readonly error: FunctionError; readonly lines: readonly string[] };
