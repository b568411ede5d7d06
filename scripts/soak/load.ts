import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import type { Stage } from '../local/demo/stage';
import { sampleBody } from '../local/webhook';

/** A webhook that was sent until it was answered, and whether people are to hear of it. */
export interface SentEvent {
  readonly eventId: string;
  readonly paymentId: string;
  readonly alertDue: boolean;
}

const bodySchema = v.object({ id: v.string(), data: v.object({ object: v.object({ id: v.string() }) }) });

/** One in so many is over the threshold, one in so many failed, and one in so many is sent twice at one time. */
const highValueEvery = 10;
const failedEvery = 8;
const twiceEvery = 7;
const maxAttempts = 12;

/** What was sent, and the ids of what nobody took. */
export class Load {
  readonly sent: SentEvent[] = [];
  readonly refused: string[] = [];
  retries = 0;
  readonly #stage: Stage;
  readonly #underWay = new Set<Promise<void>>();
  #count = 0;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  /** Sends the next webhook and does not wait for the answer. */
  sendNext(): void {
    const index = this.#count;
    this.#count += 1;
    const failed = index % failedEvery === 1;
    const high = index % highValueEvery === 0;
    const body = sampleBody('stripe', failed ? 'payment_intent.payment_failed' : 'payment_intent.succeeded', {
      amount: high ? '12000' : '20',
    });
    const { id: eventId, data } = v.parse(bodySchema, JSON.parse(body.toString()));
    this.sent.push({ eventId, paymentId: `stripe:${data.object.id}`, alertDue: failed || high });
    for (let copy = 0; copy < (index % twiceEvery === 0 ? 2 : 1); copy += 1) this.#track(this.#sendUntilTaken(body, eventId));
  }

  /** After every answer. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  #track(sending: Promise<void>): void {
    const tracked = sending.finally(() => this.#underWay.delete(tracked));
    this.#underWay.add(tracked);
  }

  /** As a provider does, but in seconds. */
  async #sendUntilTaken(body: Buffer, eventId: string): Promise<void> {
    for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
      const { status } = await this.#stage.post('stripe', body);
      if (status === 200) return;
      if (status < 500) break;
      this.retries += 1;
      await sleep(250 * attempt);
    }
    this.refused.push(eventId);
  }
}
