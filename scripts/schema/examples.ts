import { kinds, eventKeyOf, type Kind } from '../../functions/shared/domain/payment-event';
import type { PublishedEvent } from '../../functions/shared/domain/published-event';
import { valueBandOf } from '../../functions/shared/domain/value-band';
import { archiveKeyOf } from '../../functions/shared/domain/webhook-archive';
import { createProviders } from '../../functions/shared/providers';
import { bodyText, catalogues } from '../local/sample-events';
import { withRepeatableIds, type SampleInput } from '../local/sample-events/sample';

const input: SampleInput = { amount: '49.90', currency: 'USD', payment: undefined, now: new Date('2026-11-05T09:59:58.000Z') };
const receivedAt = '2026-11-05T10:00:00.000Z';
const senders = ['stripe', 'paypal', 'square', 'generic'] as const;
type Sender = (typeof senders)[number];

/** One event per kind, read by the real adapters from bodies as the providers send them. */
export function examples(): ReadonlyMap<Kind, PublishedEvent> {
  return new Map(kinds.map((kind) => [kind, exampleOf(kind)]));
}

/** The first sample of a provider that has this kind; a generic sender can send every kind by its name. */
function exampleOf(kind: Kind): PublishedEvent {
  const samples = senders.flatMap((sender) => Object.keys(catalogues[sender]).map((name) => ({ sender, name })));
  for (const { sender, name } of samples) {
    const event = withRepeatableIds(`${sender}/${name}`, () => published(sender, catalogues[sender][name]?.body(input) ?? {}));
    if (event.kind === kind) return event;
  }
  const named = withRepeatableIds(kind, () => {
    const body = catalogues.generic['payment.succeeded']?.body(input) ?? {};
    return published('generic', { ...body, eventType: kind, status: kind });
  });
  if (named.kind !== kind) throw new Error(`no sample event is of kind ${kind}`);
  return named;
}

function published(sender: Sender, body: object): PublishedEvent {
  const request = { headers: {}, body: Buffer.from(bodyText(sender, body)) };
  const read = createProviders().get(sender)?.normalize(request, receivedAt);
  if (read?.ok !== true) throw new Error(`a sample event of ${sender} cannot be read`);
  const { event, dedupeId } = read.normalized;
  return {
    ...event,
    valueBand: valueBandOf(event, { default: '10000' }),
    eventKey: eventKeyOf(dedupeId),
    archiveKey: archiveKeyOf(event, dedupeId),
    correlationId: '5f2b8f0e-7c1d-4f1c-9a53-0d8e2d7c6b41',
    processedAt: '2026-11-05T10:00:01.250Z',
  };
}
