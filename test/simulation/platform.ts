import { chanceOf, type Scheduler } from './scheduler';
import type { ModelAws } from './model/aws';
import type { CallFault, FunctionName, Plan, PlatformFault } from './plan';

/** A fault that befell something, in the order of all calls. */
export interface Hit {
  readonly kind: string;
  /** The function and the call, or what else it befell. */
  readonly where: string;
  /** What the call was about; `*` where it was the whole process. */
  readonly subject: string;
  readonly call: number;
}

/** One run of a function. */
export interface Invocation {
  readonly id: number;
  readonly function: FunctionName;
  alive: boolean;
  readonly hits: Hit[];
  readonly done: (result: Result) => void;
}

/** What became of an invocation; `disturbed` when a fault befell it. */
export type Result =
  { readonly ok: true; readonly payload: unknown; readonly disturbed: boolean } | { readonly ok: false; readonly disturbed: boolean };

/** A process of a function: what it keeps in memory is lost with it. It runs one invocation at a time. */
interface Process {
  readonly handle: (event: unknown) => Promise<unknown>;
  current: Invocation | undefined;
}

/** What a function needs of the process that it runs in. */
export interface ProcessContext {
  /** The clock of this process, which may be wrong. */
  readonly clock: () => number;
  /** A call to AWS: retried as the SDK does, and subject to every fault. */
  readonly send: (command: object) => Promise<unknown>;
  /** A call to somebody else. */
  readonly ask: (operation: string, answer: () => unknown) => Promise<unknown>;
  readonly pause: (ms: number) => Promise<void>;
}

export interface FunctionModel {
  readonly timeoutMs: number;
  readonly maxAttempts: number;
  readonly requestTimeoutMs: number;
  /** A new process of the function. */
  readonly start: (context: ProcessContext) => (event: unknown) => Promise<unknown>;
}

/** One attempt of a call, and how its caller hears of it. */
interface Attempt {
  readonly invocation: Invocation;
  readonly operation: string;
  readonly subject: string;
  readonly effect: (call: number, spared: (index: number) => boolean) => unknown;
  readonly attempt: number;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Runs functions in processes that can die at any call, over the model, in virtual time. */
export class Platform {
  readonly scheduler: Scheduler;
  readonly aws: ModelAws;
  /** Faults that really befell something. */
  readonly hits: Hit[] = [];
  /** What was handed back although no fault befell the run that handed it back. */
  readonly unexplained: string[] = [];
  /** Which invocation made each call. */
  readonly callers: Invocation[] = [];
  readonly say: (text: string) => void;
  readonly #plan: Plan;
  readonly #functions: Readonly<Record<FunctionName, FunctionModel>>;
  readonly #idle = new Map<FunctionName, Process[]>();
  readonly #counts = new Map<string, number>();

  constructor(
    scheduler: Scheduler,
    aws: ModelAws,
    plan: Plan,
    functions: Readonly<Record<FunctionName, FunctionModel>>,
    say: (text: string) => void,
  ) {
    this.scheduler = scheduler;
    this.aws = aws;
    this.#plan = plan;
    this.#functions = functions;
    this.say = say;
  }

  /** How often this has been asked with this text, this time included. */
  count(what: string): number {
    const count = (this.#counts.get(what) ?? 0) + 1;
    this.#counts.set(what, count);
    return count;
  }

  /** From 0 to below 1, by the seed and the text alone. */
  chance(what: string): number {
    return chanceOf(this.#plan.seed, what);
  }

  /** The planned fault of a kind that the nth of something meets. */
  faultOf(kind: PlatformFault['kind'], name: FunctionName | undefined, nth: number): { readonly afterMs: number } | undefined {
    for (const fault of this.#plan.faults) {
      if (fault.kind !== kind || nth < fault.from || nth >= fault.from + fault.times) continue;
      if (!('function' in fault) || fault.function === name) return { afterMs: 'afterMs' in fault ? fault.afterMs : 0 };
    }
    return undefined;
  }

  /** Notes that a fault befell something that is no call. */
  hit(kind: string, text: string): void {
    this.hits.push({ kind, where: 'the platform', subject: '*', call: this.callers.length });
    this.say(`fault: ${text}`);
  }

  /** Runs a function; `done` hears of it once. */
  invoke(name: FunctionName, event: unknown, done: (result: Result) => void): void {
    const id = this.count(`invoke ${name}`);
    if (this.faultOf('invoke-throttled', name, id) !== undefined) {
      this.hit('invoke-throttled', `${name} is throttled`);
      this.scheduler.after(5, () => {
        done({ ok: false, disturbed: true });
      });
      return;
    }
    const invocation: Invocation = { id, function: name, alive: true, hits: [], done };
    const process = this.#processFor(name, id);
    process.current = invocation;
    this.#watch(invocation);
    this.scheduler.after(1 + 10 * this.chance(`start ${name} ${id}`), () => {
      if (!invocation.alive) return;
      process.handle(event).then(
        (payload) => {
          this.#finish(invocation, process, { ok: true, payload, disturbed: invocation.hits.length > 0 });
        },
        (error: unknown) => {
          this.say(`${name} fails: ${String(error)}`);
          this.#finish(invocation, process, { ok: false, disturbed: invocation.hits.length > 0 });
        },
      );
    });
  }

  #watch(invocation: Invocation): void {
    const { function: name, id } = invocation;
    this.scheduler.after(this.#functions[name].timeoutMs, () => {
      this.#kill(invocation, 'runs out of time');
    });
    const killed = this.faultOf('killed', name, id);
    if (killed === undefined) return;
    this.scheduler.after(killed.afterMs, () => {
      this.#kill(invocation, 'is killed');
    });
  }

  #processFor(name: FunctionName, id: number): Process {
    const idle = this.#idle.get(name)?.pop();
    // Lambda may start a new process at any time.
    if (idle !== undefined && this.chance(`recycle ${name} ${id}`) > 0.1) return idle;
    const skewMs = this.#plan.happenings.reduce((sum, one) => (one.kind === 'skew' && one.function === name ? sum + one.ms : sum), 0);
    const process: Process = {
      current: undefined,
      handle: this.#functions[name].start({
        clock: () => Math.floor(this.scheduler.now + skewMs),
        send: (command) =>
          this.#call(process, operationOf(command), subjectOf(command), (call, spared) => this.aws.answer(command, call, spared)),
        ask: (operation, answer) => this.#call(process, operation, '*', answer),
        pause: (ms) => this.#pause(process, ms),
      }),
    };
    return process;
  }

  #finish(invocation: Invocation, process: Process, result: Result): void {
    if (!invocation.alive) return;
    invocation.alive = false;
    process.current = undefined;
    const idle = this.#idle.get(invocation.function) ?? [];
    idle.push(process);
    this.#idle.set(invocation.function, idle);
    invocation.done(result);
  }

  #kill(invocation: Invocation, how: string): void {
    if (!invocation.alive) return;
    invocation.alive = false;
    this.#noteHit(invocation, { kind: 'killed', where: invocation.function, subject: '*' }, `${invocation.function} ${how}`);
    this.scheduler.after(1, () => {
      invocation.done({ ok: false, disturbed: true });
    });
  }

  #noteHit(invocation: Invocation, about: Omit<Hit, 'call'>, text: string): void {
    const hit = { ...about, call: this.callers.length };
    invocation.hits.push(hit);
    this.hits.push(hit);
    this.say(`fault: ${text}`);
  }

  #pause(process: Process, ms: number): Promise<void> {
    const invocation = process.current;
    return new Promise((resolve) => {
      this.scheduler.after(ms, () => {
        if (invocation?.alive === true) resolve();
      });
    });
  }

  #call(process: Process, operation: string, subject: string, effect: Attempt['effect']): Promise<unknown> {
    const invocation = process.current;
    return new Promise((resolve, reject) => {
      // Whoever asks after its end is frozen and hears nothing.
      if (invocation?.alive === true) this.#attempt({ invocation, operation, subject, effect, attempt: 1, resolve, reject });
    });
  }

  #attempt(attempt: Attempt): void {
    const { invocation, operation } = attempt;
    const { function: name } = invocation;
    if (!invocation.alive) return;
    const call = this.callers.push(invocation);
    const nth = this.count(`call ${name} ${operation}`);
    const latencyMs = 1 + 30 * this.chance(`latency ${name} ${operation} ${nth}`) ** 3;
    const fault = this.#callFault(name, operation, nth);
    if (fault === undefined) this.#run(attempt, call, latencyMs, () => true);
    else {
      const about = { kind: fault.kind, where: `${name} ${operation}`, subject: attempt.subject };
      this.#noteHit(invocation, about, `${name}, ${operation} number ${nth}: ${fault.kind}`);
      this.#fail(attempt, fault, call, latencyMs);
    }
  }

  #callFault(name: FunctionName, operation: string, nth: number): CallFault | undefined {
    for (const fault of this.#plan.faults) {
      if (!('operation' in fault) || fault.function !== name || fault.operation !== operation) continue;
      if (nth >= fault.from && nth < fault.from + fault.times) return fault;
    }
    return undefined;
  }

  #fail(attempt: Attempt, { kind }: CallFault, call: number, latencyMs: number): void {
    const { invocation } = attempt;
    const { requestTimeoutMs } = this.#functions[invocation.function];
    const writes = (afterMs: number): void => {
      this.scheduler.after(afterMs, () => {
        this.#effect(attempt, call, () => true);
      });
    };
    const answers = (afterMs: number, error: Error): void => {
      this.scheduler.after(afterMs, () => {
        this.#again(attempt, error);
      });
    };
    switch (kind) {
      case 'crash-before':
        this.#kill(invocation, 'dies before the call');
        return;
      case 'crash-after':
        this.scheduler.after(latencyMs, () => {
          this.#effect(attempt, call, () => true);
          this.#kill(invocation, 'dies after the call');
        });
        return;
      case 'throttle':
        answers(latencyMs, throttled());
        return;
      case 'timeout':
        answers(requestTimeoutMs, timedOut());
        return;
      case 'lost-answer':
        writes(latencyMs);
        answers(requestTimeoutMs, timedOut());
        return;
      case 'late-write':
        writes(requestTimeoutMs + 1 + 20 * latencyMs);
        answers(requestTimeoutMs, timedOut());
        return;
      case 'partial':
        this.#run(attempt, call, latencyMs, (index) => this.chance(`spared ${call} ${index}`) < 0.5);
    }
  }

  /** The call as it should go: the effect half way, the answer at the end. */
  #run(attempt: Attempt, call: number, latencyMs: number, spared: (index: number) => boolean): void {
    this.scheduler.after(latencyMs / 2, () => {
      const outcome = this.#effect(attempt, call, spared);
      this.scheduler.after(latencyMs / 2, () => {
        if (!attempt.invocation.alive) return;
        if (outcome.ok) attempt.resolve(outcome.value);
        else attempt.reject(outcome.error);
      });
    });
  }

  #effect(
    attempt: Attempt,
    call: number,
    spared: (index: number) => boolean,
  ): { ok: true; value: unknown } | { ok: false; error: unknown } {
    const { function: name } = attempt.invocation;
    try {
      const value = attempt.effect(call, spared);
      this.say(`${name}: ${attempt.operation} ${attempt.subject}`);
      return { ok: true, value };
    } catch (error) {
      this.say(`${name}: ${attempt.operation} ${attempt.subject} is refused (${error instanceof Error ? error.name : 'unknown'})`);
      return { ok: false, error };
    }
  }

  /** The SDK tries again what may go better, as often as the function is told to. */
  #again(attempt: Attempt, error: Error): void {
    if (!attempt.invocation.alive) return;
    if (attempt.attempt >= this.#functions[attempt.invocation.function].maxAttempts) {
      attempt.reject(error);
      return;
    }
    this.scheduler.after(50 * 2 ** attempt.attempt, () => {
      this.#attempt({ ...attempt, attempt: attempt.attempt + 1 });
    });
  }
}

function throttled(): Error {
  return Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException', $metadata: { httpStatusCode: 400 } });
}

function timedOut(): Error {
  return Object.assign(new Error('no answer in time'), { name: 'TimeoutError' });
}

function operationOf(command: object): string {
  return command.constructor.name.replace(/Command$/, '');
}

/** What a call is about, in words that its consequences can be found by. */
function subjectOf(command: object): string {
  const input: unknown = 'input' in command ? command.input : undefined;
  const key = textIn(input, 'Key', 'eventKey', 'S') ?? textIn(input, 'Item', 'eventKey', 'S') ?? textIn(input, 'Key');
  return key ?? textIn(input, 'Subject') ?? textIn(input, 'SecretId') ?? '*';
}

function textIn(value: unknown, ...path: readonly string[]): string | undefined {
  const found = path.reduce<unknown>(
    (inner, name) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, name) : undefined),
    value,
  );
  return typeof found === 'string' ? found : undefined;
}
