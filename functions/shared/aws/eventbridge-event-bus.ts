import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { EventBridgeClient, PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import type { BusEntry, EventBus } from '../domain/ports';
import { chunksThatFit } from './chunks';

const source = 'payment.processor';

/** Longest trace header that PutEvents takes; a longer one would make it refuse the whole call. */
const maxTraceHeaderLength = 500;

/** The event bus. One call for ten entries, or more calls where ten would be too many bytes. */
export function eventbridgeEventBus(client: Pick<EventBridgeClient, 'send'>, busName: string): EventBus {
  const publish = async (entries: PutEventsRequestEntry[]): Promise<(string | undefined)[]> => {
    const { Entries: results = [] } = await client.send(new PutEventsCommand({ Entries: entries }));
    // FailedEntryCount only adds up what each result says; a result without an event id was not accepted either.
    return entries.map((_, index) => (results[index]?.EventId === undefined ? (results[index]?.ErrorCode ?? 'not answered') : undefined));
  };

  return {
    async publish(entries) {
      const chunks = chunksThatFit(
        entries.map((entry) => entryOf(entry, busName)),
        ({ Detail: detail }) => Buffer.byteLength(detail ?? ''),
      );
      const outcomes: (string | undefined)[] = [];
      for (const chunk of chunks) outcomes.push(...(await publish(chunk)));
      return outcomes;
    },
  };
}

function entryOf({ detailType, detail, time, traceHeader }: BusEntry, busName: string): PutEventsRequestEntry {
  const entry = { EventBusName: busName, Source: source, DetailType: detailType, Detail: JSON.stringify(detail), Time: new Date(time) };
  return traceHeader === undefined || traceHeader.length > maxTraceHeaderLength ? entry : { ...entry, TraceHeader: traceHeader };
}
