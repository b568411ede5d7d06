/** Control characters, escapes, bidirectional overrides, line and paragraph separators, lone surrogates: all that can lie to a terminal. */
const hostile = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\u2028\u2029]/gu;
const wide =
  /[\p{Emoji_Presentation}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303f\uff01-\uff60\uffe0-\uffe6]/u;
const zeroWidth = /\p{M}/u;
/** More combining marks than any script needs on one letter. */
const stacked = /(\p{M}{4})\p{M}+/gu;

/** Text from a payload, safe on a terminal: what could move the cursor, change colours or turn the line around shows as its escape. */
export function printable(text: string): string {
  return text.replace(hostile, escapeOf).replace(stacked, '$1');
}

/** The same, at most so many columns; the end that is cut off shows as an ellipsis. */
export function shortened(text: string, columns: number): string {
  const safe = printable(text);
  if (widthOf(safe) <= columns) return safe;
  let room = columns - 1;
  let kept = '';
  for (const character of safe) {
    room -= widthOf(character);
    if (room < 0) break;
    kept += character;
  }
  return `${kept}…`;
}

/** Columns that the text takes on a terminal. */
export function widthOf(text: string): number {
  return Array.from(text).reduce((sum, character) => sum + (zeroWidth.test(character) ? 0 : wide.test(character) ? 2 : 1), 0);
}

/** JSON that a terminal can show and every parser reads: the same characters as escapes. Sums in minor units are texts. */
export function jsonText(value: unknown, indent = 2): string {
  const text = JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner), indent);
  return text.replace(hostile, (character) => (character === '\n' ? character : unitEscapes(character)));
}

function escapeOf(character: string): string {
  switch (character) {
    case '\n':
      return '\\n';
    case '\r':
      return '\\r';
    case '\t':
      return '\\t';
    default:
      return unitEscapes(character);
  }
}

function unitEscapes(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}
