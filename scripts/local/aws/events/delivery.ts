import { AwsError } from '../aws-error';
import type { Logs } from '../logs';
import type { Account } from '../service';
import type { MessageAttributes } from '../sqs/message';
import type { Queues } from '../sqs/queues';
import type { Rule, Target } from './buses';
import type { ApiDestination } from './connections';
import type { BusEvent } from './event';
import type { Failure } from './failure';
import { createRateLimits, post } from './http-delivery';

const DEFAULT_ATTEMPTS = 185;
const DEFAULT_AGE_SECONDS = 24 * 60 * 60;
const LONGEST_PAUSE_MS = 60_000;

/** What a delivery reaches. */
export interface Destinations {
  queues: Queues;
  logs: Logs;
  /** Puts an event on another bus; false where there is none. */
  forward: (busArn: string, event: BusEvent) => boolean;
  /** The HTTP endpoint with this ARN. */
  destination: (arn: string) => ApiDestination | undefined;
}

interface Attempt {
  rule: Rule;
  target: Target;
  event: BusEvent;
  retries: number;
}

function noResource(message: string): Failure {
  return { code: 'NO_RESOURCE', message, isRetriable: false };
}

function send({ queues, logs, forward }: Destinations, { rule, target, event }: Attempt): Failure | undefined {
  const service = target.Arn.split(':')[2];
  if (service === 'logs') {
    const group = target.Arn.split(':').slice(6, 7).join(':');
    return logs.append(group, rule.name, [event.text]) ? undefined : noResource(`The log group ${group} does not exist.`);
  }
  if (service === 'events') return forward(target.Arn, event) ? undefined : noResource('The event bus does not exist.');
  const queue = queues.byArn(target.Arn);
  if (queue === undefined) return noResource('The specified queue does not exist.');
  try {
    queues.send(queue, { body: event.text, traceHeader: event.traceHeader });
    return undefined;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return { code: 'SDK_CLIENT_ERROR', message: error.message, isRetriable: false };
  }
}

function deadLetterAttributes(
  { rule, target, event, retries }: Attempt,
  failure: Failure,
  exhausted: string | undefined,
): MessageAttributes {
  const texts: Record<string, string> = {
    RULE_ARN: rule.arn,
    TARGET_ARN: target.Arn,
    ERROR_CODE: failure.code,
    ERROR_MESSAGE: failure.message,
    RETRY_ATTEMPTS: String(retries),
    ...(exhausted === undefined ? {} : { EXHAUSTED_RETRY_CONDITION: exhausted }),
    ...(event.traceHeader === undefined ? {} : { AWSTraceHeader: event.traceHeader }),
  };
  return Object.fromEntries(Object.entries(texts).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]));
}

/** Why no further try is made, in the words of the dead letter; undefined where one is. */
function exhaustion({ target, event, retries }: Attempt, now: number): string | undefined {
  const { MaximumRetryAttempts = DEFAULT_ATTEMPTS, MaximumEventAgeInSeconds = DEFAULT_AGE_SECONDS } = target.RetryPolicy ?? {};
  if (retries >= MaximumRetryAttempts) return 'MaximumRetryAttempts';
  return now - event.at >= MaximumEventAgeInSeconds * 1000 ? 'MaximumEventAgeInSeconds' : undefined;
}

/** Delivers events to targets, with the target's retry policy and dead-letter queue. */
export function createDelivery(account: Account, destinations: Destinations): (rule: Rule, target: Target, event: BusEvent) => void {
  const { clock, observers, faults } = account;
  const rates = createRateLimits(clock);

  function giveUp(attempt: Attempt, failure: Failure, exhausted: string | undefined): void {
    const queue = destinations.queues.byArn(attempt.target.DeadLetterConfig?.Arn ?? '');
    if (queue === undefined) return;
    const attributes = deadLetterAttributes(attempt, failure, exhausted);
    try {
      const { id } = destinations.queues.send(queue, { body: attempt.event.text, attributes });
      observers.emit('dead-letter', { queueArn: queue.arn, sourceArn: attempt.rule.arn, messageId: id, body: attempt.event.text });
    } catch (error) {
      // An event that is too large for the dead-letter queue as well is lost, as on AWS.
      if (!(error instanceof AwsError)) throw error;
    }
  }

  function deliver(attempt: Attempt): void {
    const { rule, target, event } = attempt;
    const fault = faults.take('events', 'Deliver', { TargetArn: target.Arn, RuleArn: rule.arn });
    if (fault !== undefined) {
      const { code = 'INTERNAL_ERROR', message = 'A fault that was asked for' } = fault.error ?? {};
      settle(attempt, { code, message, isRetriable: true });
      return;
    }
    const destination = destinations.destination(target.Arn);
    if (destination === undefined) settle(attempt, send(destinations, attempt));
    else {
      rates.whenAllowed(destination, () => {
        void post(destination, event).then((failure) => {
          settle(attempt, failure);
        });
      });
    }
  }

  function settle(attempt: Attempt, failure: Failure | undefined): void {
    const { rule, target, event, retries } = attempt;
    const about = { ruleArn: rule.arn, targetArn: target.Arn, eventId: event.id };
    if (failure === undefined) {
      observers.emit('target-delivered', about);
      return;
    }
    const exhausted = failure.isRetriable ? exhaustion(attempt, clock.now()) : undefined;
    const willRetry = failure.isRetriable && exhausted === undefined;
    observers.emit('target-failed', { ...about, errorCode: failure.code, willRetry });
    if (!willRetry) {
      giveUp(attempt, failure, exhausted);
      return;
    }
    const pauseMs = Math.max(Math.min(LONGEST_PAUSE_MS, 1000 * 2 ** retries), failure.retryAfterMs ?? 0);
    clock.schedule(pauseMs, () => {
      deliver({ ...attempt, retries: retries + 1 });
    });
  }

  return (rule, target, event) => {
    deliver({ rule, target, event, retries: 0 });
  };
}
