import { readFile } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { transform } from 'esbuild';
import type { FromWorker, FunctionError, Invoke, RuntimeData } from './messages';

export type InvokeOutcome = { readonly ok: true; readonly result: string } | { readonly ok: false; readonly error: FunctionError };

export interface EnvironmentOptions {
  readonly data: RuntimeData;
  readonly variables: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  /** Lines that the function wrote, in order. */
  readonly onLines: (lines: readonly string[]) => void;
}

/** Lambda ends an initialisation that takes longer. */
const initLimitMs = 10_000;
let runtimeSource: Promise<string> | undefined;

/** The worker's code as JavaScript; made once per process. */
function runtime(): Promise<string> {
  runtimeSource ??= readFile(require.resolve('./runtime.ts'), 'utf8')
    .then((source) => transform(source, { loader: 'ts', format: 'cjs', target: 'node20' }))
    .then(({ code }) => code);
  return runtimeSource;
}

/** One execution environment: a worker thread that answers one invocation at a time and stays warm in between. */
export class Environment {
  readonly #worker: Worker;
  readonly #options: EnvironmentOptions;
  #settle: ((message: FromWorker) => void) | undefined;
  #gone = false;

  private constructor(worker: Worker, options: EnvironmentOptions) {
    this.#worker = worker;
    this.#options = options;
    worker.on('message', (message: FromWorker) => {
      if (message.lines.length > 0) options.onLines(message.lines);
      if (message.kind !== 'lines') this.#answer(message);
    });
    worker.on('error', (error: unknown) => {
      const text = String(error);
      this.#exited(text.includes('OUT_OF_MEMORY') || text.includes('out of memory') ? 'Runtime.OutOfMemory' : 'Runtime.ExitError', text);
    });
    worker.on('exit', (code) => {
      this.#exited('Runtime.ExitError', `Runtime exited with error: exit status ${String(code)}`);
    });
  }

  /** Starts a worker and waits until its handler is loaded. Never throws: a handler that does not load is an outcome. */
  static async start(options: EnvironmentOptions): Promise<Environment | FunctionError> {
    const worker = new Worker(await runtime(), {
      eval: true,
      env: { ...options.variables },
      workerData: options.data,
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: options.data.memoryMb },
      name: options.data.functionName,
    });
    worker.setMaxListeners(20);
    const environment = new Environment(worker, options);
    const message = await environment.#next(
      initLimitMs,
      'Sandbox.Timedout',
      `Init timed out after ${(initLimitMs / 1000).toFixed(2)} seconds`,
    );
    return message.kind === 'ready' ? environment : environment.#failure(message);
  }

  /** False once the worker is gone: it crashed, exited or was ended. */
  get usable(): boolean {
    return !this.#gone;
  }

  /** Runs one invocation. Never throws; an invocation that takes longer than the function's timeout ends the worker. */
  async invoke(invocation: Omit<Invoke, 'deadline'>): Promise<InvokeOutcome> {
    const limitMs = this.#options.timeoutSeconds * 1000;
    const answer = this.#next(limitMs, 'Sandbox.Timedout', `Task timed out after ${this.#options.timeoutSeconds.toFixed(2)} seconds`);
    const invoke: Invoke = { ...invocation, deadline: Date.now() + limitMs };
    this.#worker.postMessage(invoke);
    const message = await answer;
    return message.kind === 'done' ? { ok: true, result: message.result } : { ok: false, error: this.#failure(message) };
  }

  async end(): Promise<void> {
    this.#gone = true;
    await this.#worker.terminate();
  }

  #next(limitMs: number, errorType: string, errorMessage: string): Promise<FromWorker> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#answer({ kind: 'exited', error: { errorType, errorMessage }, lines: [] });
        void this.end();
      }, limitMs);
      this.#settle = (message) => {
        clearTimeout(timer);
        resolve(message);
      };
      if (this.#gone) this.#exited('Runtime.ExitError', 'Runtime exited');
    });
  }

  #answer(message: FromWorker): void {
    if (message.kind === 'exited' || message.kind === 'init-failed') this.#gone = true;
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.(message);
  }

  #exited(errorType: string, errorMessage: string): void {
    this.#answer({ kind: 'exited', error: { errorType, errorMessage }, lines: [] });
  }

  #failure(message: FromWorker): FunctionError {
    if ('error' in message) {
      if (message.kind !== 'failed') void this.end();
      return message.error;
    }
    return { errorType: 'Runtime.ExitError', errorMessage: `unexpected answer of the runtime: ${message.kind}` };
  }
}
