import { describe, expect, it } from '@jest/globals';
import { environmentFrom, SettingError, validated } from '../../stacks/environments';
import type { Subscriber } from '../../stacks/subscribers';
import { oneOfEachKind } from '../support/subscribers';

const prod = environmentFrom('prod');
const queueArn = 'arn:aws:sqs:ap-southeast-1:123456789012:orders';
const good: Subscriber = { name: 'orders', pattern: { detail: { kind: ['payment.succeeded'] } }, target: { queueArn } };
const https = (url: string, more: object = {}): Partial<Subscriber> => ({ target: { https: { url, ...more } } });
const refuse = (change: Partial<Subscriber>) => () => validated({ ...prod, subscribers: [{ ...good, ...change }] });

const wrong: readonly (readonly [string, Partial<Subscriber>, string])[] = [
  [
    'a field that does not exist',
    { pattern: { detail: { kindd: ['other'] } } },
    'pattern.detail.kindd is not a field of the event; did you mean "kind"?',
  ],
  ['a word that is no kind', { pattern: { detail: { kind: ['paid'] } } }, 'pattern.detail.kind[0] is "paid", which the field never is'],
  [
    'a pattern that is too long',
    { pattern: { detail: { eventId: ['x'.repeat(1960)] } } },
    'pattern has 2080 characters with source and detail type; EventBridge takes 2048',
  ],
  [
    'a source of its own',
    { pattern: Object.assign({ detail: {} }, { source: ['x'] }) },
    'pattern.source is set by the pipeline: a pattern has detail alone',
  ],
  ['a name with capitals', { name: 'Orders' }, 'name is "Orders"; allowed: 1 to 24 of a-z, 0-9 and -'],
  ['a name that ends in a dash', { name: 'orders-' }, 'name is "orders-"; allowed: '],
  ['the name of a rule of ours', { name: 'failed' }, 'name is "failed"; allowed: another name than high-value, failed, dispute, standard'],
  [
    'a queue of another region',
    { target: { queueArn: queueArn.replace('southeast', 'northeast') } },
    'target.queueArn is "arn:aws:sqs:ap-northeast-1:',
  ],
  [
    'a FIFO queue',
    { target: { queueArn: `${queueArn}.fifo` } },
    `target.queueArn is "${queueArn}.fifo"; allowed: the ARN of a standard queue in ap-southeast-1`,
  ],
  [
    'a function that is a queue',
    { target: { functionArn: queueArn } },
    `target.functionArn is "${queueArn}"; allowed: the ARN of a function in ap-southeast-1`,
  ],
  ['a bus that is a name', { target: { busArn: 'orders' } }, 'target.busArn is "orders"; allowed: the ARN of an event bus'],
  [
    'its own bus',
    { target: { busArn: 'arn:aws:events:ap-southeast-1:123456789012:event-bus/payment-events-prod' } },
    'target.busArn is "arn:aws:events:ap-southeast-1:123456789012:event-bus/payment-events-prod"; allowed: another bus',
  ],
  ['plain HTTP', https('http://example.com/x'), 'target.https.url is "http://example.com/x"; allowed: a URL with https://'],
  ['this machine, in AWS', https('http://127.0.0.1:4000/x'), 'target.https.url is "http://127.0.0.1:4000/x"; allowed: a URL with https://'],
  [
    'a password in the URL',
    https('https://me:secret@example.com/x'),
    'target.https.url is "https://example.com…"; allowed: a URL without user name and password',
  ],
  ['no URL', https('example.com'), 'target.https.url is "example.com"; allowed: '],
  [
    'a rate',
    https('https://example.com', { ratePerSecond: 301 }),
    'target.https.ratePerSecond is 301; allowed: a whole number from 1 to 300',
  ],
  ['a header', https('https://example.com', { header: 'X Key' }), 'target.https.header is "X Key"; allowed: the name of a header'],
];

describe('subscribers', () => {
  it('may be of every kind', () => {
    expect(validated({ ...prod, subscribers: oneOfEachKind }).subscribers).toBe(oneOfEachKind);
  });

  it.each(wrong)('are refused for %s', (_, change, message) => {
    expect(refuse(change)).toThrow(SettingError);
    expect(refuse(change)).toThrow(`environment prod: subscribers[0].${message}`);
  });

  it('never show a password', () => {
    expect(refuse(https('https://me:secret@example.com/x'))).not.toThrow('secret@');
  });

  it('have names of their own, and are not too many', () => {
    expect(() => validated({ ...prod, subscribers: [good, good] })).toThrow('subscribers is ["orders","orders"]; allowed: each name once');
    const many = Array.from({ length: 41 }, (_, index) => ({ ...good, name: `s${index}` }));
    expect(() => validated({ ...prod, subscribers: many })).toThrow('allowed: at most 40 subscribers');
  });

  it('stay in the account, where it is known', () => {
    expect(() => validated({ ...prod, accountId: '210987654321', subscribers: [good] })).toThrow(
      'in ap-southeast-1 of account 210987654321; one elsewhere gets events through busArn',
    );
  });

  it('that are told of alerts are queues of this place, each once', () => {
    const withTargets =
      (...queueArns: string[]) =>
      () =>
        validated({ ...prod, operationsTargets: queueArns.map((arn) => ({ queueArn: arn })) });
    expect(withTargets(queueArn)().operationsTargets).toEqual([{ queueArn }]);
    expect(withTargets('https://example.com')).toThrow(
      'operationsTargets[0].queueArn is "https://example.com"; allowed: the ARN of a standard queue',
    );
    expect(withTargets(queueArn, queueArn)).toThrow('allowed: each queue once');
  });

  it('may be on this machine in the local run alone', () => {
    const SUBSCRIBERS = JSON.stringify([{ ...good, ...https('http://127.0.0.1:4000/x') }]);
    expect(environmentFrom('dev', { SUBSCRIBERS, LOCAL_RUN: 'true' }).subscribers).toHaveLength(1);
    expect(() => environmentFrom('dev', { SUBSCRIBERS })).toThrow('http:// only to this machine, and only in the local run');
    const elsewhere = JSON.stringify([{ ...good, ...https('http://10.0.0.1/x') }]);
    expect(() => environmentFrom('dev', { SUBSCRIBERS: elsewhere, LOCAL_RUN: 'true' })).toThrow('http:// only to this machine');
  });

  it.each<[string, string]>([
    ['not json', 'SUBSCRIBERS is not JSON; docs/events.md has examples'],
    ['{}', 'SUBSCRIBERS is Object; expected Array'],
    [
      '[{"name":"a","pattern":{"detail":{}},"target":{"queue":"x"}}]',
      'SUBSCRIBERS[0].target is Object; expected exactly one of queueArn, functionArn, busArn, https',
    ],
    ['[{"name":"a","pattern":{"detail":{}},"target":{"queueArn":"x"},"filter":1}]', 'SUBSCRIBERS[0].filter is not known'],
    ['[{"name":1,"pattern":{"detail":{}},"target":{"queueArn":"x"}}]', 'SUBSCRIBERS[0].name is 1; expected string'],
  ])('are refused as the variable %s', (text, message) => {
    expect(() => environmentFrom('dev', { SUBSCRIBERS: text })).toThrow(message);
  });
});
