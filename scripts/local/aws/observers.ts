import type { ServiceName } from './service-name';

/** What happens inside the embedded AWS, by the name under which it is observed. */
export interface AwsEvents {
  /** A request was understood; whether it succeeds is not known yet. */
  call: { service: ServiceName; operation: string; input: unknown; accessKeyId?: string };
  'put-object': { bucket: string; key: string; versionId?: string; size: number };
  'sns-publish': {
    topicArn: string;
    messageId: string;
    subject?: string;
    message: string;
    attributes: Readonly<Record<string, string>>;
    /** Endpoints that the message went to, as `protocol:endpoint`. */
    endpoints: readonly string[];
  };
  'put-events': { busName: string; eventId: string; source: string; detailType: string; detail: string; rules: readonly string[] };
  'target-delivered': { ruleArn: string; targetArn: string; eventId: string };
  'target-failed': { ruleArn: string; targetArn: string; eventId: string; errorCode: string; willRetry: boolean };
  /** A message came to a dead-letter queue: from a queue by its receive count, or from a rule or subscription that failed. */
  'dead-letter': { queueArn: string; sourceArn: string; messageId: string; body: string };
  'send-message': { queueArn: string; messageId: string };
  'stream-record': { tableName: string; eventName: 'INSERT' | 'MODIFY' | 'REMOVE'; sequenceNumber: string };
  'log-events': { logGroupName: string; messages: readonly string[] };
  'unknown-call': { service: string; call: string; message: string };
}

/** The name of something that can be observed. */
type AwsEventName = keyof AwsEvents;

type Listener<Name extends AwsEventName> = (event: AwsEvents[Name]) => void;
type Listeners = { [Name in AwsEventName]?: Set<Listener<Name>> };

/** Typed callbacks, called in the order of events and before the caller has its answer; a listener must not throw. */
export interface Observers {
  /** The answer ends the observation. */
  on<Name extends AwsEventName>(name: Name, listener: Listener<Name>): () => void;
  emit<Name extends AwsEventName>(name: Name, event: AwsEvents[Name]): void;
}

/** Observers of one embedded AWS. */
export function createObservers(): Observers {
  const listeners: Listeners = {};
  return {
    on(name, listener) {
      const set: Set<typeof listener> = listeners[name] ?? new Set();
      set.add(listener);
      Object.assign(listeners, { [name]: set });
      return () => {
        set.delete(listener);
      };
    },
    emit(name, event) {
      const set = listeners[name];
      if (set === undefined) return;
      for (const listener of set) listener(event);
    },
  };
}
