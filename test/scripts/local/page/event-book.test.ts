import { describe, expect, it } from '@jest/globals';
import type { Activity } from '../../../../scripts/local/activity';
import type { JsonObject } from '../../../../scripts/local/json';
import { bounded, EventBook } from '../../../../scripts/local/page/event-book';

const about = (id: string): JsonObject => ({
  provider: 'stripe',
  eventId: id,
  eventType: 'payment_intent.succeeded',
  kind: 'payment.succeeded',
  paymentId: `stripe:${id}`,
  archiveKey: `webhooks/2026-11-03/stripe/${id}.json`,
  correlationId: `c-${id}`,
});
const line = (message: string, fields: JsonObject, at = 1): Activity => ({
  kind: 'log',
  at,
  functionName: 'some-function-dev',
  fields: { message, ...fields },
});
const published = (id: string): Activity => ({
  kind: 'published',
  at: 3,
  event: {
    busName: 'bus',
    eventId: 'x',
    source: 's',
    detailType: 'd',
    detail: JSON.stringify({ ...about(id), amount: '12000.00', currency: 'USD', valueBand: 'high' }),
    rules: ['arn:aws:events:r:1:rule/bus/high'],
  },
});
const letter = (body: unknown): Activity => ({
  kind: 'dead-letter',
  at: 9,
  letter: { queueArn: 'arn:aws:sqs:r:1:dead', sourceArn: 'arn:aws:sqs:r:1:work', messageId: 'm', body: JSON.stringify(body) },
});

function bookOf(...activities: readonly Activity[]): EventBook {
  const book = new EventBook();
  for (const activity of activities) book.add(activity);
  return book;
}

describe('EventBook', () => {
  it('keeps one event with its hops, however often it was delivered', () => {
    const book = bookOf(
      line('webhook stored', about('e')),
      line('event relayed', about('e')),
      published('e'),
      line('webhook duplicate', { ...about('e'), correlationId: 'another' }),
      line('alert sent', { ...about('e'), alertReason: 'high-value' }),
    );
    expect(book.summaries).toHaveLength(1);
    expect(book.summaries[0]).toMatchObject({ state: 'published', money: 'USD 12000.00', band: 'high', deliveries: 2, alerts: 1 });
    expect(book.byId(1)?.hops.map(({ hop, detail }) => [hop, detail])).toEqual([
      ['stored', ''],
      ['archived, enqueued', ''],
      ['published', '→ high'],
      ['duplicate', ''],
      ['alert sent', 'high-value'],
    ]);
  });

  it('tells a replay from the first publication, with its delivery and why', () => {
    const replay = { deliveryId: 'rpl_1', replayOf: 'c-e', reason: 'ledger was down' };
    const first = published('e');
    if (first.kind !== 'published') throw new Error('not a publication');
    const detail = JSON.stringify({ ...about('e'), replay });
    const book = bookOf(line('webhook stored', about('e')), first, { ...first, event: { ...first.event, detail } });
    expect(book.byId(1)?.hops.map(({ hop, detail: told }) => [hop, told])).toEqual([
      ['stored', ''],
      ['published', '→ high'],
      ['replayed', 'rpl_1 of c-e: ledger was down → high'],
    ]);
    expect(book.summaries).toHaveLength(1);
  });

  it('does not go back when lines come late', () => {
    const [summary] = bookOf(line('webhook stored', about('e')), published('e'), line('event relayed', about('e'))).summaries;
    expect(summary?.state).toBe('published');
  });

  it('knows the event again after midnight, and two events with one id but another type apart', () => {
    const nextDay = { ...about('e'), archiveKey: 'webhooks/2026-11-04/stripe/e.json' };
    const otherType = { ...about('e'), archiveKey: 'webhooks/2026-11-03/stripe/e%7Ctype.json' };
    expect(bookOf(line('webhook stored', about('e')), line('webhook duplicate', nextDay)).summaries).toHaveLength(1);
    expect(bookOf(line('webhook stored', about('e')), line('webhook stored', otherType)).summaries).toHaveLength(2);
  });

  it('keeps refusals one by one with their reason', () => {
    const refused = (correlationId: string) =>
      line('webhook rejected', { provider: 'square', reason: 'signature_mismatch', correlationId });
    const { summaries } = bookOf(refused('1'), refused('2'));
    expect(summaries.map(({ state, reason }) => [state, reason])).toEqual([
      ['rejected', 'signature_mismatch'],
      ['rejected', 'signature_mismatch'],
    ]);
  });

  it('knows a dead letter of the processing queue and one of a rule, until it is published after all', () => {
    const stored = line('webhook stored', about('e'));
    expect(bookOf(stored, letter({ event: about('e'), archiveKey: about('e')['archiveKey'] })).summaries[0]?.dead).toBe(true);
    const routed = bookOf(stored, letter({ 'detail-type': 'd', detail: about('e') }));
    expect(routed.summaries[0]?.dead).toBe(true);
    routed.add(published('e'));
    expect(routed.summaries[0]?.dead).toBe(false);
    expect(bookOf(stored, letter('poison'), letter({ archiveKey: 'webhooks/x/y/z.json' })).summaries[0]?.dead).toBe(false);
  });

  it('forgets the oldest event, its key and its change', () => {
    const book = new EventBook(3);
    for (const id of ['a', 'b', 'c', 'd', 'e']) book.add(line('webhook stored', about(id)));
    expect(book.summaries.map(({ eventId }) => eventId)).toEqual(['c', 'd', 'e']);
    expect(book.takeChanged().map(({ eventId }) => eventId)).toEqual(['c', 'd', 'e']);
    expect(book.byId(1)).toBeUndefined();
    expect(book.idOf(about('a'))).toBeUndefined();
    expect(book.idOf(about('e'))).toBe(5);
  });

  it('keeps a bounded number of hops, and bounded text', () => {
    const long = { ...about('e'), eventType: 'x'.repeat(5000) };
    const book = bookOf(line('webhook stored', long));
    for (let time = 0; time < 500; time += 1) book.add(line('webhook duplicate', about('e'), time));
    expect(book.byId(1)?.hops).toHaveLength(60);
    expect(book.summaries[0]?.eventType).toHaveLength(301);
    expect(book.summaries[0]?.deliveries).toBe(501);
  });

  it('tells of each change once', () => {
    const book = bookOf(line('webhook stored', about('e')));
    expect(book.takeChanged()).toHaveLength(1);
    expect(book.takeChanged()).toHaveLength(0);
    book.add(line('event relayed', about('e')));
    expect(book.takeChanged().map(({ state }) => state)).toEqual(['archived']);
  });

  it('passes over lines and messages that are about no event', () => {
    const event = { busName: 'b', eventId: 'x', source: 's', detailType: 'd', detail: 'no json', rules: [] };
    const nothing: readonly Activity[] = [line('secret read again', {}), { kind: 'published', at: 1, event }, letter('no json')];
    expect(bookOf(...nothing).summaries).toEqual([]);
  });
});

describe('bounded', () => {
  it('cuts no character in two', () => {
    expect(bounded('abc', 3)).toBe('abc');
    expect(bounded('ab😀', 3)).toBe('ab…');
  });
});
