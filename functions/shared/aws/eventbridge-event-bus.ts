import { setTimeout as sleep } from 'node:timers/promises';
import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { EventBridgeClient, PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import type { BusEntry, EventBus } from '../domain/ports';
import { chunksThatFit } from './chunks';

const source = 'payment.processor';

/** Longest trace header that PutEvents takes; with a longer one, or an empty one, it would refuse the whole call. */
const maxTraceHeaderLength = 500;

/** An entry that failed alone, in a call that succeeded: the SDK sees no failure, and so does not try again. */
const worthAnotherTry = /Throttl|Internal|Unavailable/;

/** Short against the half minute after which a message of the processing queue comes again. */
const defaultPausesMs = [100, 400, 1600];

/**
 * The event bus. One call for ten entries, or more calls where ten would be too many bytes. Entries that the bus throttles or fails on
 * are sent again by themselves, after each of `pausesMs`; `pause` waits that long.
 */
export function eventbridgeEventBus(
  client: Pick<EventBridgeClient, 'send'>,
  busName: string,
  pausesMs: readonly number[] = defaultPausesMs,
  pause: (ms: number) => Promise<void> = sleep,
): EventBus {
  const put = async (entries: PutEventsRequestEntry[]): Promise<(string | undefined)[]> => {
    const { Entries: results = [] } = await client.send(new PutEventsCommand({ Entries: entries }));
    // FailedEntryCount only adds up what each result says; a result without an event id was not accepted either.
    return entries.map((_, index) => (results[index]?.EventId === undefined ? (results[index]?.ErrorCode ?? 'not answered') : undefined));
  };

  const publish = async (entries: PutEventsRequestEntry[], pauses: readonly number[]): Promise<(string | undefined)[]> => {
    const outcomes = await put(entries);
    const [pauseMs, ...more] = pauses;
    const again = entries.filter((_, index) => worthAnotherTry.test(outcomes[index] ?? ''));
    if (pauseMs === undefined || again.length === 0) return outcomes;
    await pause(pauseMs);
    // What the bus took before must not be lost with a call that fails now.
    const later = await publish(again, more).catch(() => undefined);
    if (later === undefined) return outcomes;
    const latest = new Map(again.map((entry, index) => [entry, later[index]]));
    return entries.map((entry, index) => (latest.has(entry) ? latest.get(entry) : outcomes[index]));
  };

  return {
    async publish(entries) {
      const chunks = chunksThatFit(
        entries.map((entry) => entryOf(entry, busName)),
        ({ Detail: detail }) => Buffer.byteLength(detail ?? ''),
      );
      const outcomes: (string | undefined)[] = [];
      for (const chunk of chunks) outcomes.push(...(await publish(chunk, pausesMs)));
      return outcomes;
    },
  };
}

function entryOf({ detailType, detail, time, traceHeader }: BusEntry, busName: string): PutEventsRequestEntry {
  const entry = { EventBusName: busName, Source: source, DetailType: detailType, Detail: JSON.stringify(detail), Time: new Date(time) };
  const usable = traceHeader !== undefined && traceHeader !== '' && traceHeader.length <= maxTraceHeaderLength;
  return usable ? { ...entry, TraceHeader: traceHeader } : entry;
}
