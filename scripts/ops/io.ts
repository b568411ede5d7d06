import type { Readable } from 'node:stream';

/** Where answers come from. A terminal can be asked; anything else is read to its end. */
export type Input = Readable & { readonly isTTY?: boolean; setRawMode?(raw: boolean): unknown };

/** All that a command knows of the process around it. */
export interface Io {
  /** The project's folder: a local run has its state there. */
  readonly root: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => number;
  /** One block of text on standard output. */
  readonly out: (text: string) => void;
  /** One line on standard error: progress, questions, errors. */
  readonly note: (text: string) => void;
  readonly input: Input;
  /** Fires on Ctrl-C. */
  readonly signal: AbortSignal;
}
