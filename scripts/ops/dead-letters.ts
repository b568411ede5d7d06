import type { Message } from '@aws-sdk/client-sqs';
import { parseBusEvent } from '../../functions/shared/aws/bus-event';
import { parseProcessingMessage } from '../../functions/shared/aws/processing-message';
import type { PaymentEvent } from '../../functions/shared/domain/payment-event';
import type { Names } from '../../stacks/naming';
import { parseJsonObject, textAt } from '../local/json';

type Origin = 'processing' | 'notification' | 'relay' | 'audit' | 'routing' | 'delivery' | 'reconciler' | 'forwarding';

/** A dead-letter queue of the pipeline. */
export interface DeadLetterQueue {
  readonly short: Origin;
  readonly name: string;
  /** What it means that a message is here. */
  readonly means: string;
  /**
   * How messages go back: `move` by SQS to the queue that they come from, `target` one by one to the rule's target; otherwise why they
   * cannot, and what helps.
   */
  readonly redrive: 'move' | 'target' | { readonly impossible: string };
}

/** Every dead-letter queue that the stacks make. */
export function deadLetterQueues(names: Names): readonly DeadLetterQueue[] {
  const runbook = (page: string): string => `see docs/runbook/${page}.md`;
  return [
    { short: 'processing', name: `${names.processingQueue}-dead-letters`, means: 'stored, not published', redrive: 'move' },
    { short: 'notification', name: `${names.notificationQueue}-dead-letters`, means: 'published, nobody was told', redrive: 'move' },
    {
      short: 'relay',
      name: names.relayDeadLetters,
      means: 'stored, not archived or enqueued',
      redrive: { impossible: `these letters name rows or parts of the stream, not messages: ${runbook('relay-dead-letters')}` },
    },
    {
      short: 'audit',
      name: names.auditDeadLetters,
      means: 'changed, not in the audit trail',
      redrive: { impossible: `these letters name parts of the stream, not messages: ${runbook('audit-dead-letters')}` },
    },
    { short: 'routing', name: names.routingDeadLetters, means: 'published, a rule could not deliver', redrive: 'target' },
    {
      short: 'delivery',
      name: names.deliveryDeadLetters,
      means: 'an alert did not reach a subscriber',
      redrive: { impossible: `publishing again would tell every other subscriber twice: ${runbook('delivery-dead-letters')}` },
    },
    {
      short: 'forwarding',
      name: `${names.forwardingQueue}-dead-letters`,
      means: 'an alert was not posted to an HTTPS endpoint',
      redrive: 'move',
    },
    {
      short: 'reconciler',
      name: names.reconcilerDeadLetters,
      means: 'a search for missed events failed',
      redrive: { impossible: `the next run does the same again: ${runbook('reconciler-dead-letters')}` },
    },
  ];
}

/** A dead letter, decoded as far as it can be. */
export interface DeadLetter {
  readonly messageId: string;
  /** When it was sent first; ISO 8601. */
  readonly sentAt: string;
  readonly reason: string;
  readonly event: PaymentEvent | undefined;
  /** What else it is about: rows, a part of a stream, an alert. */
  readonly about: string;
  readonly targetArn: string | undefined;
  readonly body: string;
}

/** Reads a message of one of these queues. Never throws: what cannot be read says so as its reason. */
export function decodeLetter(origin: Origin, message: Message): DeadLetter {
  const body = message.Body ?? '';
  const attribute = (name: string): string => message.MessageAttributes?.[name]?.StringValue ?? '';
  const base = {
    messageId: message.MessageId ?? '',
    sentAt: new Date(Number(message.Attributes?.['SentTimestamp'] ?? 0)).toISOString(),
    targetArn: attribute('TARGET_ARN') || undefined,
    body,
  };
  switch (origin) {
    case 'processing': {
      const read = parseProcessingMessage(body);
      return read.ok ? { ...base, ...givenUp, ...aboutEvent(read.value.event) } : { ...base, ...unreadable(read.problem) };
    }
    case 'notification': {
      const read = parseBusEvent(body);
      return read.ok ? { ...base, ...givenUp, ...aboutEvent(read.value) } : { ...base, ...unreadable(read.problem) };
    }
    case 'routing': {
      const read = parseBusEvent(body);
      const exhausted = attribute('EXHAUSTED_RETRY_CONDITION');
      const reason = joined(attribute('ERROR_CODE'), attribute('ERROR_MESSAGE'), exhausted && `${exhausted} reached`);
      const route = `${endOf(attribute('RULE_ARN'), '/')} → ${endOf(base.targetArn ?? '', ':')}`;
      return { ...base, reason: reason || 'no reason given', event: read.ok ? read.value : undefined, about: route };
    }
    case 'delivery': {
      const notice = parseJsonObject(body) ?? {};
      const reason = joined(attribute('ErrorCode'), attribute('ErrorMessage'));
      return { ...base, reason: reason || 'no reason given', event: undefined, about: textAt(notice, 'Subject') };
    }
    case 'forwarding': {
      const notice = parseJsonObject(body);
      if (notice === undefined) return { ...base, ...unreadable('not JSON') };
      return { ...base, ...givenUp, event: undefined, about: textAt(notice, 'Subject') };
    }
    case 'reconciler':
      return { ...base, event: undefined, ...aboutRun(body, joined(attribute('ERROR_CODE'), attribute('ERROR_MESSAGE'))) };
    case 'relay':
    case 'audit':
      return { ...base, event: undefined, ...aboutStream(body) };
  }
}

const givenUp = { reason: 'every attempt failed: the function logged why' } as const;

function aboutEvent(event: PaymentEvent): Pick<DeadLetter, 'event' | 'about'> {
  return { event, about: '' };
}

function unreadable(problem: string): Pick<DeadLetter, 'reason' | 'event' | 'about'> {
  return { reason: `can never succeed: ${problem}`, event: undefined, about: '' };
}

/** What a function set aside, or what Lambda says of a part of the stream that it gave up. */
function aboutStream(body: string): Pick<DeadLetter, 'reason' | 'about'> {
  const letter = parseJsonObject(body);
  if (letter === undefined) return { reason: 'not JSON', about: '' };
  const batch = letter['DDBStreamBatchInfo'];
  if (batch === undefined) {
    const row = joined(textAt(letter, 'keys', 'paymentId'), textAt(letter, 'keys', 'eventKey'));
    return { reason: textAt(letter, 'reason') || 'no reason given', about: row };
  }
  const error = textAt(letter, 'responseContext', 'functionError');
  const condition = joined(textAt(letter, 'requestContext', 'condition'), error);
  const range = `${textAt(batch, 'startSequenceNumber')} to ${textAt(batch, 'endSequenceNumber')}`;
  return { reason: condition || 'no reason given', about: `${textAt(batch, 'batchSize')} changes, ${range}, ${textAt(batch, 'shardId')}` };
}

/** What Lambda says of a run that failed, or EventBridge of one that it could not start. */
function aboutRun(body: string, notStarted: string): Pick<DeadLetter, 'reason' | 'about'> {
  const letter = parseJsonObject(body) ?? {};
  const failed = joined(textAt(letter, 'responsePayload', 'errorType'), textAt(letter, 'responsePayload', 'errorMessage'));
  const time = textAt(letter, 'requestPayload', 'time') || textAt(letter, 'time');
  return { reason: failed || notStarted || 'no reason given', about: `the run of ${time || 'an unknown time'}` };
}

function joined(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(': ');
}

function endOf(arn: string, separator: string): string {
  return arn.slice(arn.lastIndexOf(separator) + 1);
}
