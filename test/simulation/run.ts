import { ModelAws } from './model/aws';
import { rulesFor, type BusEvent, type ModelTarget } from './model/bus';
import { functionModels, shipped, type Code } from './functions';
import { QueueMapping, StreamMapping } from './mappings';
import { functionNames, type Delivery, type FunctionName, type Plan } from './plan';
import { Platform } from './platform';
import { Restless, Scheduler } from './scheduler';
import { bodyOf, expectedOf, forged, providerOf, retriesAfterMs, secretOf, signed } from './senders';
import { topology, type Topology } from './topology';

/** Where virtual time begins. */
export const startMs = Date.parse('2026-11-05T10:00:00.000Z');
const dayMs = 86_400_000;

/** A webhook as it was sent, and what the sender heard. */
export interface Sent {
  readonly delivery: Delivery;
  readonly body: Buffer;
  readonly status: number;
  readonly at: number;
  /** Whether a row with this event was there when the answer was given. */
  readonly rowPresent: boolean;
}

/** A delivery of a bus event to a target. */
export interface Routed {
  readonly event: BusEvent;
  readonly target: ModelTarget;
}

/** Everything that can be known of a run afterwards. */
export interface Run {
  readonly plan: Plan;
  readonly topology: Topology;
  readonly aws: ModelAws;
  readonly platform: Platform;
  readonly sent: readonly Sent[];
  /** Senders whose retries were used up without a 2xx. */
  readonly givenUp: ReadonlySet<Delivery>;
  readonly routed: readonly Routed[];
  /** Rows that somebody changed who may not. */
  readonly tampered: readonly string[];
  /** When each provider began to sign with a new key. */
  readonly newKeys: ReadonlyMap<string, number>;
  /** Why the run never came to rest, when it did not. */
  readonly restless?: string;
}

/** Runs a plan to its end in virtual time. The same plan and code give the same run. */
export async function runPlan(plan: Plan, code: Code = shipped, say: (at: number, text: string) => void = () => undefined): Promise<Run> {
  const simulation = new Simulation(plan, code, say);
  return simulation.run();
}

class Simulation {
  readonly #plan: Plan;
  readonly #topology = topology();
  readonly #scheduler = new Scheduler(startMs);
  readonly #aws: ModelAws;
  readonly #platform: Platform;
  readonly #streams: StreamMapping[] = [];
  readonly #sent: Sent[] = [];
  readonly #givenUp = new Set<Delivery>();
  readonly #routed: Routed[] = [];
  readonly #tampered: string[] = [];
  /** The generation of the key that each provider signs with. */
  readonly #generations = new Map<string, number>();
  readonly #rotated = new Set<string>();
  readonly #newKeys = new Map<string, number>();

  constructor(plan: Plan, code: Code, say: (at: number, text: string) => void) {
    this.#plan = plan;
    this.#aws = new ModelAws(this.#topology, () => this.#scheduler.now, {
      changed: (record) => {
        for (const stream of this.#streams) stream.push(record);
      },
      entered: (event) => {
        this.#route(event);
      },
    });
    this.#platform = new Platform(this.#scheduler, this.#aws, plan, functionModels(this.#topology, code), (text) => {
      say(this.#scheduler.now - startMs, text);
    });
    this.#connect();
  }

  async run(): Promise<Run> {
    for (const provider of ['stripe', 'paypal', 'square', 'generic']) this.#aws.secrets.set(provider, secretOf(provider, [0]));
    for (const delivery of this.#plan.deliveries) this.#planDelivery(delivery);
    for (const happening of this.#plan.happenings) this.#planHappening(happening);
    const restless = await this.#scheduler.untilQuiet().then(() => undefined, reasonOf);
    return {
      plan: this.#plan,
      topology: this.#topology,
      aws: this.#aws,
      platform: this.#platform,
      sent: this.#sent,
      givenUp: this.#givenUp,
      routed: this.#routed,
      tampered: this.#tampered,
      newKeys: this.#newKeys,
      ...(restless !== undefined && { restless }),
    };
  }

  #connect(): void {
    const { queueTriggers, streamTriggers } = this.#topology.pipeline;
    for (const trigger of queueTriggers) {
      const queue = this.#aws.queues.get(trigger.queueArn);
      if (queue === undefined) throw new Error(`no queue ${trigger.queueArn}`);
      new QueueMapping(this.#platform, queue, trigger, folderOf(trigger.functionName));
    }
    for (const trigger of streamTriggers) {
      const onFailure =
        trigger.onFailureQueueUrl === undefined ? undefined : this.#aws.queueNamed(trigger.onFailureQueueUrl.split('/').at(-1) ?? '');
      this.#streams.push(new StreamMapping(this.#platform, trigger, folderOf(trigger.functionName), onFailure));
    }
  }

  #planDelivery(delivery: Delivery): void {
    const { copiesAfterMs, forged: forgery } = delivery;
    // A retired key is one only when its provider has had a new one for long enough that no copy of the old secret is left.
    const later = forgery === 'retired-secret' ? 3 * dayMs : 0;
    [0, ...copiesAfterMs].forEach((afterMs, copy) => {
      this.#scheduler.after(delivery.atMs + later + afterMs, () => {
        this.#send(delivery, copy, 0);
      });
    });
  }

  #send(delivery: Delivery, copy: number, attempt: number): void {
    const { event, sender, forged: forgery } = delivery;
    const provider = providerOf(sender);
    const generation = this.#generations.get(provider) ?? 0;
    const body = bodyOf(delivery, startMs, copy);
    const { now } = this.#scheduler;
    const retired = this.#rotated.has(provider) ? 0 : 9;
    // PayPal's retries keep the time of the first.
    const signedAt = sender === 'paypal' ? Math.min(now, startMs + delivery.atMs + (delivery.copiesAfterMs[copy - 1] ?? 0)) : now;
    const request = forgery === undefined ? signed(delivery, body, signedAt, generation) : forged(delivery, body, now, retired);
    const httpEvent = {
      pathParameters: { provider },
      multiValueHeaders: request.headers,
      body: Buffer.from(request.body).toString('base64'),
      isBase64Encoded: true,
      requestContext: { requestId: `request-${this.#platform.count('request')}` },
    };
    this.#platform.say(
      `${sender} sends event ${event}${forgery === undefined ? '' : ` (${forgery})`}, copy ${copy}, attempt ${attempt + 1}`,
    );
    this.#platform.invoke('webhook-receiver', httpEvent, (result) => {
      this.#answered(delivery, copy, attempt, body, statusOf(result));
    });
  }

  #answered(delivery: Delivery, copy: number, attempt: number, body: Buffer, status: number): void {
    const { provider, eventId } = expectedOf(delivery);
    const rowPresent = [...this.#aws.table.rows.values()].some((row) => row['provider']?.S === provider && row['eventId']?.S === eventId);
    this.#sent.push({ delivery, body, status, at: this.#scheduler.now, rowPresent });
    this.#platform.say(`${delivery.sender} hears ${status} for event ${delivery.event}`);
    const lost = this.#platform.faultOf('answer-lost', undefined, this.#platform.count('answer')) !== undefined;
    if (lost) this.#platform.hit('answer-lost', `${delivery.sender} does not hear the answer`);
    if (delivery.forged !== undefined || (status < 300 && !lost)) return;
    const pauseMs = retriesAfterMs[delivery.sender][attempt];
    if (pauseMs === undefined) {
      if (status >= 300) this.#givenUp.add(delivery);
      return;
    }
    this.#scheduler.after(pauseMs, () => {
      this.#send(delivery, copy, attempt + 1);
    });
  }

  #planHappening(happening: Plan['happenings'][number]): void {
    if (happening.kind === 'skew') return;
    this.#scheduler.after(happening.atMs, () => {
      switch (happening.kind) {
        case 'rotation':
          this.#rotate(providerOf(happening.sender));
          return;
        case 'poison-message':
          this.#poison(happening.queue, happening.text);
          return;
        case 'poison-row':
          this.#platform.say('somebody writes a row that is no event');
          this.#aws.table.overwrite({ paymentId: { S: 'stripe:poison' }, eventKey: { S: 'event#poison' } });
          return;
        case 'tampering':
          this.#tamper();
      }
    });
  }

  /** First the secret holds both keys, then the provider signs with the new one, and a day later the old one goes. */
  #rotate(provider: string): void {
    if (this.#rotated.has(provider)) return;
    this.#rotated.add(provider);
    this.#platform.say(`${provider}: the secret gets a second key`);
    this.#aws.secrets.set(provider, secretOf(provider, [1, 0]));
    this.#scheduler.after(1000, () => {
      this.#platform.say(`${provider} signs with the new key`);
      this.#generations.set(provider, 1);
      this.#newKeys.set(provider, this.#scheduler.now);
    });
    this.#scheduler.after(dayMs, () => {
      this.#platform.say(`${provider}: the old key goes`);
      this.#aws.secrets.set(provider, secretOf(provider, [1]));
    });
  }

  #poison(name: FunctionName, text: string): void {
    const trigger = this.#topology.pipeline.queueTriggers.find(({ functionName }) => folderOf(functionName) === name);
    this.#platform.say(`somebody puts ${JSON.stringify(text)} on the queue of ${name}`);
    this.#aws.queues.get(trigger?.queueArn ?? '')?.send(text);
  }

  #tamper(): void {
    const row = [...this.#aws.table.rows.values()].find((one) => one['status']?.S === 'processed' && one['amount']?.S !== undefined);
    if (row === undefined) return;
    this.#platform.say(`somebody changes the amount of ${row['eventKey']?.S ?? ''}`);
    this.#tampered.push(row['eventKey']?.S ?? '');
    this.#aws.table.overwrite({ ...row, amount: { S: '0.01' } });
  }

  #route(event: BusEvent): void {
    for (const rule of rulesFor(this.#topology.rules, event)) for (const target of rule.targets) this.#deliver(event, target, 0);
  }

  #deliver(event: BusEvent, target: ModelTarget, retries: number): void {
    const nth = this.#platform.count('deliver');
    this.#scheduler.after(5 + 100 * this.#platform.chance(`deliver ${nth}`), () => {
      if (this.#platform.faultOf('delivery-fails', undefined, nth) !== undefined) {
        this.#platform.hit('delivery-fails', `${event.id} does not reach ${target.arn}`);
        this.#deliverLater(event, target, retries);
        return;
      }
      const times = this.#platform.faultOf('delivered-twice', undefined, nth) === undefined ? 1 : 2;
      if (times === 2) this.#platform.hit('delivered-twice', `${event.id} reaches ${target.arn} twice`);
      this.#routed.push({ event, target });
      for (let time = 0; time < times; time += 1) this.#aws.queues.get(target.arn)?.send(event.text);
    });
  }

  #deliverLater(event: BusEvent, target: ModelTarget, retries: number): void {
    if (retries >= target.maximumRetries || this.#scheduler.now - event.at >= target.maximumAgeMs) {
      this.#aws.queues.get(target.deadLetterArn ?? '')?.send(event.text);
      return;
    }
    this.#scheduler.after(Math.min(60_000, 1000 * 2 ** retries), () => {
      this.#deliver(event, target, retries + 1);
    });
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof Restless) return error.message;
  throw error;
}

function folderOf(functionName: string): FunctionName {
  const found = functionNames.find((name) => functionName === `${name}-dev`);
  if (found === undefined) throw new Error(`the simulator does not know the function ${functionName}`);
  return found;
}

/** API Gateway answers 502 for a function that failed. */
function statusOf(result: { readonly ok: boolean; readonly payload?: unknown }): number {
  const { payload } = result;
  const status: unknown = typeof payload === 'object' && payload !== null && 'statusCode' in payload ? payload.statusCode : undefined;
  return typeof status === 'number' ? status : 502;
}
