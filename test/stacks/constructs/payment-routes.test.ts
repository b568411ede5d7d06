import { describe, expect, it } from '@jest/globals';
import { alertReasonOf } from '../../../functions/shared/domain/alert';
import { kinds } from '../../../functions/shared/domain/payment-event';
import { valueBands, type ValueBand } from '../../../functions/shared/domain/value-band';
import { alertRoutes } from '../../../stacks/constructs/payment-routes';

interface Pattern {
  readonly kind: readonly string[];
  readonly valueBand?: readonly string[];
}

function routesOf(kind: string, band: ValueBand): readonly string[] {
  const matches = (pattern: Pattern) => pattern.kind.includes(kind) && (pattern.valueBand?.includes(band) ?? true);
  return Object.entries(alertRoutes)
    .filter(([, { pattern }]) => matches(pattern))
    .map(([name]) => name);
}

describe('alert routes', () => {
  it.each(kinds.flatMap((kind) => valueBands.map((band) => [kind, band] as const)))(
    'bring %s of band %s to people once if there is a reason, and never otherwise',
    (kind, band) => {
      expect(routesOf(kind, band)).toHaveLength(alertReasonOf(kind, band) === undefined ? 0 : 1);
    },
  );
});
