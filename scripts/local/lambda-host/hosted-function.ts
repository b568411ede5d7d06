import { randomBytes, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { unzipSync } from 'fflate';
import { parseJson, type Json } from '../json';
import type { FunctionSettings } from '../pipeline';
import { Environment } from './environment';
import type { FunctionError, RuntimeData } from './messages';

export type Invocation =
  | { readonly ok: true; readonly requestId: string; readonly payload: Json }
  | { readonly ok: false; readonly requestId: string; readonly error: FunctionError };

/** All of the function's concurrency is in use; Lambda answers 429. */
export class Throttled extends Error {
  override readonly name = 'TooManyRequestsException';
}

/** The event is larger than Lambda takes; Lambda answers 413. */
export class EventTooLarge extends Error {
  override readonly name = 'RequestTooLargeException';
}

export interface Report {
  readonly functionName: string;
  readonly requestId: string;
  readonly durationMs: number;
  readonly error: FunctionError | undefined;
}

export interface HostOptions {
  /** Variables beside the function's own: endpoint, region, credentials. */
  readonly variables: Readonly<Record<string, string>>;
  /** Execution environments per function at one time; invocations over it wait for one. */
  readonly maxEnvironments: number;
  readonly onLines: (functionName: string, lines: readonly string[]) => void;
  readonly onReport: (report: Report) => void;
}

const eventLimitBytes = 6 * 1024 * 1024;

/** A function of the stacks: its zip's code in worker threads, as many as its concurrency and the laptop allow. */
export class HostedFunction {
  readonly settings: FunctionSettings;
  readonly #options: HostOptions;
  readonly #idle: Environment[] = [];
  readonly #all = new Set<Environment>();
  readonly #waiting: ((got: Environment | FunctionError) => void)[] = [];
  #files: Promise<Readonly<Record<string, string>>> | undefined;
  #starting = 0;
  #inFlight = 0;
  #ended = false;

  constructor(settings: FunctionSettings, options: HostOptions) {
    this.settings = settings;
    this.#options = options;
  }

  /** Invocations that run or wait. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /**
   * Invokes the function and waits for its answer. Throws Throttled when the reserved concurrency is used up, and EventTooLarge over
   * 6 MB; whatever the function itself does is an outcome.
   */
  async invoke(event: unknown, traceHeader: string = newTraceHeader()): Promise<Invocation> {
    const text = JSON.stringify(event);
    if (text.length > eventLimitBytes || (text.length > eventLimitBytes / 4 && Buffer.byteLength(text) > eventLimitBytes)) {
      throw new EventTooLarge(`${this.settings.name}: the event is over 6 MB`);
    }
    const limit = this.settings.reservedConcurrency ?? Number.POSITIVE_INFINITY;
    if (this.#inFlight >= limit) throw new Throttled(`${this.settings.name}: all ${limit} of its reserved concurrency is in use`);
    this.#inFlight += 1;
    try {
      return await this.#run(text, traceHeader);
    } finally {
      this.#inFlight -= 1;
    }
  }

  /** Starts one execution environment ahead of the first invocation. */
  async warmUp(): Promise<void> {
    const got = await this.#acquire();
    if (got instanceof Environment) this.#release(got);
  }

  async end(): Promise<void> {
    this.#ended = true;
    const stopped: FunctionError = { errorType: 'Sandbox.Stopped', errorMessage: 'the local run is stopping' };
    for (const waiter of this.#waiting.splice(0)) waiter(stopped);
    await Promise.all([...this.#all].map((environment) => environment.end()));
  }

  async #run(event: string, traceHeader: string): Promise<Invocation> {
    const requestId = randomUUID();
    const environment = await this.#acquire();
    const started = performance.now();
    if (!(environment instanceof Environment)) return this.#reported({ ok: false, requestId, error: environment }, started);
    const outcome = await environment.invoke({ requestId, traceHeader, event });
    this.#release(environment);
    return this.#reported(outcome.ok ? { ok: true, requestId, payload: parseJson(outcome.result) } : { ...outcome, requestId }, started);
  }

  #reported(invocation: Invocation, started: number): Invocation {
    this.#options.onReport({
      functionName: this.settings.name,
      requestId: invocation.requestId,
      durationMs: performance.now() - started,
      error: invocation.ok ? undefined : invocation.error,
    });
    return invocation;
  }

  #acquire(): Promise<Environment | FunctionError> {
    const idle = this.#idle.pop();
    if (idle !== undefined) return Promise.resolve(idle);
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#startIfUseful();
    });
  }

  #startIfUseful(): void {
    const room = this.#options.maxEnvironments - this.#all.size - this.#starting;
    if (room <= 0 || this.#waiting.length <= this.#starting || this.#ended) return;
    this.#starting += 1;
    void this.#start().then((got) => {
      this.#starting -= 1;
      if (got instanceof Environment) {
        this.#all.add(got);
        this.#release(got);
      } else {
        this.#waiting.shift()?.(got);
      }
    });
  }

  async #start(): Promise<Environment | FunctionError> {
    try {
      const environment = await Environment.start({
        data: await this.#runtimeData(),
        variables: this.#variables(),
        timeoutSeconds: this.settings.timeoutSeconds,
        onLines: (lines) => {
          this.#options.onLines(this.settings.name, lines);
        },
      });
      if (this.#ended && environment instanceof Environment) await environment.end();
      return environment;
    } catch (error) {
      return { errorType: 'Runtime.ImportModuleError', errorMessage: error instanceof Error ? error.message : String(error) };
    }
  }

  /** Hands a free environment to who waits longest; one that is gone is replaced. */
  #release(environment: Environment): void {
    if (!environment.usable || this.#ended) {
      this.#all.delete(environment);
      this.#startIfUseful();
      return;
    }
    const next = this.#waiting.shift();
    if (next === undefined) this.#idle.push(environment);
    else next(environment);
  }

  async #runtimeData(): Promise<RuntimeData> {
    this.#files ??= readZip(this.settings.zipPath);
    return {
      files: await this.#files,
      handler: this.settings.handler,
      functionName: this.settings.name,
      functionArn: this.settings.arn,
      memoryMb: this.settings.memoryMb,
      logStreamName: logStreamName(),
    };
  }

  #variables(): Readonly<Record<string, string>> {
    return {
      TZ: ':UTC',
      LANG: 'en_US.UTF-8',
      PATH: '/usr/local/bin:/usr/bin:/bin',
      // The laptop's Node may be older than the one that Lambda runs.
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      AWS_LAMBDA_FUNCTION_NAME: this.settings.name,
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(this.settings.memoryMb),
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${this.settings.name}`,
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs22.x',
      LAMBDA_TASK_ROOT: '/var/task',
      LAMBDA_RUNTIME_DIR: '/var/runtime',
      _HANDLER: this.settings.handler,
      ...this.settings.environment,
      ...this.#options.variables,
    };
  }
}

async function readZip(zipPath: string): Promise<Readonly<Record<string, string>>> {
  const files = unzipSync(await readFile(zipPath));
  const text = new TextDecoder();
  return Object.fromEntries(Object.entries(files).map(([name, bytes]) => [`/var/task/${name}`, text.decode(bytes)]));
}

function logStreamName(): string {
  return `${new Date().toISOString().slice(0, 10).replaceAll('-', '/')}/[$LATEST]${randomBytes(16).toString('hex')}`;
}

/** The header that starts a trace, as API Gateway and Lambda make it. */
export function newTraceHeader(): string {
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  return `Root=1-${seconds}-${randomBytes(12).toString('hex')};Parent=${randomBytes(8).toString('hex')};Sampled=1`;
}
