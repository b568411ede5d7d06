/** An event on its way through a bus. */
export interface BusEvent {
  id: string;
  source: string;
  detailType: string;
  /** The detail's JSON, as it was put. */
  detail: string;
  /** The whole event as JSON, as targets get it. */
  text: string;
  /** The whole event parsed, as patterns see it. */
  value: unknown;
  traceHeader: string | undefined;
  /** When it came to the bus. */
  at: number;
}

interface EventParts {
  id: string;
  source: string;
  detailType: string;
  detail: string;
  account: string;
  region: string;
  resources: readonly string[];
  time: number;
  at: number;
  traceHeader?: string | undefined;
}

/** Puts the envelope around an event's detail; its time has whole seconds. */
export function buildEvent(parts: EventParts): BusEvent {
  const { id, source, detailType, detail, traceHeader, at } = parts;
  const envelope = {
    version: '0',
    id,
    'detail-type': detailType,
    source,
    account: parts.account,
    time: `${new Date(parts.time).toISOString().slice(0, 19)}Z`,
    region: parts.region,
    resources: parts.resources,
  };
  // The detail goes through untouched, so that its numbers keep their digits.
  const text = `${JSON.stringify(envelope).slice(0, -1)},"detail":${detail}}`;
  const parsed: unknown = JSON.parse(detail);
  return { id, source, detailType, detail, text, value: { ...envelope, detail: parsed }, traceHeader, at };
}

/** The event as a replay sends it: marked, so that it is not archived again, and without the trace of its first time. */
export function asReplay(event: BusEvent, replayName: string): BusEvent {
  const mark = `{"replay-name":${JSON.stringify(replayName)},`;
  const text = mark + event.text.slice(1);
  const value: unknown = JSON.parse(text);
  return { ...event, text, value, traceHeader: undefined };
}
