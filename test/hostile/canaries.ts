import { AssertionError } from 'node:assert';

/** A card number in the forms that people and machines write it. */
export const cardNumbers = [
  '4242424242424242',
  '4242 4242 4242 4242',
  '4242-4242-4242-4242',
  '378282246310005',
  '5555 5555 5555 4444',
] as const;

/** Planted where no field of an event is read from. */
export const bodyCanaries = ['canary.person@example.com', 'canary-body-71c4'] as const;
export const headerCanary = 'canary-header-9f3a';
export const secretCanary = 'canary-secret-5d2e';

/** What is planted beside card numbers, which the way in keeps out of ids; behind it, nobody looks for them again. */
export const secrets: readonly string[] = [headerCanary, secretCanary, ...bodyCanaries];
const beside = /[\p{L}\p{N}_]/u;

/** Throws when one of these texts shows something that was planted. `what` says whose texts they are. */
export function assertNothingLeaked(
  what: string,
  texts: readonly string[],
  planted: readonly string[] = [...secrets, ...cardNumbers],
): void {
  for (const text of texts) {
    for (const canary of planted) {
      const at = text.indexOf(canary);
      if (at < 0 || (isCard(canary) && isPartOfAnId(text, at, canary.length))) continue;
      throw new AssertionError({ message: `${what} shows ${canary}: ${text.slice(Math.max(0, at - 80), at + 80)}` });
    }
  }
}

function isCard(canary: string): boolean {
  return cardNumbers.some((card) => card === canary);
}

function isPartOfAnId(text: string, at: number, length: number): boolean {
  return beside.test(text.charAt(at - 1)) || beside.test(text.charAt(at + length));
}
