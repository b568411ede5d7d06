import { describe, expect, it } from '@jest/globals';
import { alertKeyOf, alertReasonOf } from '../../../../functions/shared/domain/alert';
import { kinds } from '../../../../functions/shared/domain/payment-event';
import { valueBands } from '../../../../functions/shared/domain/value-band';

describe('alertReasonOf', () => {
  it.each([
    ['payment.failed', 'payment-failed'],
    ['refund.failed', 'refund-failed'],
    ['dispute.opened', 'dispute-opened'],
    ['dispute.lost', 'dispute-lost'],
  ] as const)('tells people of %s in every band', (kind, reason) => {
    expect(valueBands.map((band) => alertReasonOf(kind, band))).toEqual([reason, reason, reason]);
  });

  it.each(['payment.succeeded', 'payment.authorized', 'refund.succeeded'] as const)('tells people of %s only when it is high', (kind) => {
    expect(valueBands.map((band) => [band, alertReasonOf(kind, band)])).toEqual([
      ['high', 'high-value'],
      ['standard', undefined],
      ['none', undefined],
    ]);
  });

  it('has nothing to say of the other kinds', () => {
    const quiet = kinds.filter((kind) => valueBands.every((band) => alertReasonOf(kind, band) === undefined));
    expect(quiet).toEqual([
      'payment.pending',
      'payment.canceled',
      'refund.pending',
      'dispute.updated',
      'dispute.won',
      'dispute.closed',
      'payout.paid',
      'payout.failed',
      'other',
    ]);
  });
});

describe('alertKeyOf', () => {
  it('names reason and object', () => {
    expect(alertKeyOf('high-value', 'pi_1')).toBe('alert#high-value#pi_1');
    expect(alertKeyOf('high-value', 'pi_1', 'rpl_1')).toBe('alert#high-value@rpl_1#pi_1');
  });
});
