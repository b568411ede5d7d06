import type { Invocation } from '../lambda-host/hosted-function';

/** Invokes the trigger's function; may throw when the function is throttled. */
export type Invoke = (event: unknown, traceHeader?: string) => Promise<Invocation>;

/** Something that polls a source and invokes a function with what it finds. */
export interface Trigger {
  /** True while nothing that was read is unfinished. */
  readonly idle: boolean;
  /** Reads so far that found nothing; infinite where the source itself can tell that it is empty. */
  readonly emptyReads: number;
  /** Reads again at once, rather than after the usual pause. */
  wake(): void;
  /** Delivers what was read at once, rather than waiting for a fuller batch until the window's end. */
  flush(): void;
  /** Ends the polling, once the function's running invocations are over; what was read and not finished comes again to whoever reads the source next. */
  stop(): Promise<void>;
}

/** Problems of the trigger itself, one line each; the trigger goes on. */
export type Complain = (problem: string) => void;
