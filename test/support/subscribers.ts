import type { Subscriber } from '../../stacks/subscribers';

/** One subscriber of each kind of target, in the account and region of the tests. */
export const oneOfEachKind: readonly Subscriber[] = [
  {
    name: 'orders',
    pattern: { detail: { kind: ['payment.succeeded'], livemode: [true, null] } },
    target: { queueArn: 'arn:aws:sqs:ap-southeast-1:123456789012:orders' },
  },
  {
    name: 'fraud-check',
    pattern: { detail: { valueBand: ['high'], kind: [{ prefix: 'payment.' }] } },
    target: { functionArn: 'arn:aws:lambda:ap-southeast-1:123456789012:function:fraud-check' },
  },
  { name: 'warehouse', pattern: { detail: {} }, target: { busArn: 'arn:aws:events:eu-west-1:210987654321:event-bus/warehouse' } },
  {
    name: 'ledger',
    pattern: { detail: { $or: [{ kind: ['refund.succeeded'] }, { amountMinor: [{ numeric: ['>', 0] }], currency: ['USD'] }] } },
    target: { https: { url: 'https://ledger.example.com/events', ratePerSecond: 20, header: 'X-Api-Key' } },
  },
];
