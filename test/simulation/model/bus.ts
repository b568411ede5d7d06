import type { PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import type { EventMatcher } from '../../../scripts/local/aws/event-pattern';

/** Where a rule sends what it matches. */
export interface ModelTarget {
  readonly arn: string;
  readonly deadLetterArn: string | undefined;
  readonly maximumRetries: number;
  readonly maximumAgeMs: number;
}

/** A rule of the bus; its pattern is the synthesized one. */
export interface ModelRule {
  readonly name: string;
  /** JSON of the pattern, and the same compiled. */
  readonly pattern: string;
  readonly matches: EventMatcher;
  readonly targets: readonly ModelTarget[];
}

/** An event as a target gets it. */
export interface BusEvent {
  readonly id: string;
  readonly at: number;
  readonly text: string;
}

/** The envelope that EventBridge puts around an entry. */
export function busEventOf(entry: PutEventsRequestEntry, id: string, at: number): BusEvent {
  const envelope = {
    version: '0',
    id,
    'detail-type': entry.DetailType,
    source: entry.Source,
    account: '123456789012',
    time: (entry.Time ?? new Date(at)).toISOString().replace(/\.\d+/, ''),
    region: 'ap-southeast-1',
    resources: [],
    detail: parsed(entry.Detail),
  };
  return { id, at, text: JSON.stringify(envelope) };
}

/** The rules that want the event. */
export function rulesFor(rules: readonly ModelRule[], event: BusEvent): ModelRule[] {
  const parsed: unknown = JSON.parse(event.text);
  return rules.filter((rule) => rule.matches(parsed));
}

function parsed(detail = '{}'): unknown {
  return JSON.parse(detail);
}
