/** The rule's pattern in JSON: events of this pipeline whose detail matches. Both detail types, for kind `other` has one of its own. */
export function busPattern(detail: Readonly<Record<string, unknown>>): string {
  const ours = { source: ['payment.processor'], 'detail-type': ['Payment Processed', 'Provider Event Received'] };
  return JSON.stringify(Object.keys(detail).length === 0 ? ours : { ...ours, detail });
}
