import * as v from 'valibot';
import { newRunId, openReplayer } from '../../ops/replayer';
import { sorted } from '../../ops/replay-selection';
import { readEvents } from '../../ops/rows';
import { targetOfRun, type Target } from '../../ops/target';
import type { RunState } from '../run-state';
import type { BookedEvent } from './event-book';
import { eventKeyOf } from './event-details';

/** What the page asks for. */
export const replayOrderSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    id: v.number(),
    reason: v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(256), v.regex(/^[^\p{Cc}\p{Cn}\p{Cs}]*$/u)),
    realert: v.boolean(),
  }),
);
export type ReplayOrder = v.InferOutput<typeof replayOrderSchema>;

export interface ReplayAnswer {
  readonly ok: boolean;
  readonly message: string;
  /** Of the replay that was sent. */
  readonly deliveryId?: string;
}

/** Sends events of the run again, as `npm run ops -- replay` does. */
export class ReplayDesk {
  readonly #state: RunState;
  #target: Promise<Target> | undefined;

  constructor(state: RunState) {
    this.#state = state;
  }

  async replay({ summary, archiveKey }: BookedEvent, { reason, realert }: ReplayOrder): Promise<ReplayAnswer> {
    this.#target ??= targetOfRun(this.#state);
    const target = await this.#target;
    const eventKey = eventKeyOf(archiveKey);
    const keys = eventKey === undefined ? [] : [{ paymentId: summary.paymentId, eventKey }];
    const { events, leftOut } = await sorted({ target }, await readEvents(target, keys));
    if (events.length === 0) return { ok: false, message: leftOut[0]?.why ?? 'Nothing of it is stored, so nothing can go again.' };
    const send = await openReplayer(target, { runId: newRunId(), to: 'processing', reason, realert }, Date.now);
    const [delivery] = await send(events);
    if (delivery?.outcome !== 'sent') return { ok: false, message: `It could not be sent: ${delivery?.problem ?? 'no answer'}` };
    const { deliveryId, stored } = delivery;
    return { ok: true, message: `Sent again as ${deliveryId}, a replay of ${stored.correlationId}.`, deliveryId };
  }

  close(): void {
    void this.#target?.then((target) => {
      target.close();
    });
  }
}
