import { Unavailable } from '../shared/domain/unavailable';
import type { Unreadable } from '../shared/domain/webhook';
import type { Receipt } from './receive-webhook';

interface Answer {
  readonly statusCode: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

const retryAfterSeconds = '30';

/** What the sender hears about its webhook. */
export function answerOf(receipt: Receipt): Answer {
  switch (receipt.outcome) {
    case 'stored':
    case 'duplicate':
    case 'conflict': {
      const { paymentId, eventId } = receipt.event;
      return { statusCode: 200, body: { message: 'Webhook received', paymentId, eventId, duplicate: receipt.outcome !== 'stored' } };
    }
    case 'refused':
      return refusal(receipt);
  }
}

function refusal(receipt: Receipt & { outcome: 'refused' }): Answer {
  switch (receipt.because) {
    case 'provider_unknown':
      return { statusCode: 404, body: { error: 'Unknown provider' } };
    case 'body_too_large':
      return { statusCode: 413, body: { error: 'Body too large' } };
    case 'body_missing':
      return { statusCode: 400, body: { error: 'Body is missing' } };
    case 'signature':
      return { statusCode: 401, body: { error: 'Invalid signature' } };
    case 'unreadable':
      return { statusCode: 400, body: { error: describe(receipt.unreadable) } };
  }
}

function describe(unreadable: Unreadable): string {
  switch (unreadable.reason) {
    case 'body_not_json_object':
      return 'Body is not a JSON object';
    case 'field_missing':
      return `${unreadable.field} is missing`;
    case 'field_invalid':
      return `${unreadable.field}: ${unreadable.problem}`;
  }
}

/** What the sender hears when something of ours failed: never more than that it should try again. */
export function answerToFault(error: unknown): Answer {
  return error instanceof Unavailable
    ? { statusCode: 503, body: { error: 'Service unavailable' }, headers: { 'retry-after': retryAfterSeconds } }
    : { statusCode: 500, body: { error: 'Internal error' } };
}
