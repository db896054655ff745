import { isIdentifier, maxIdentifierCharacters as maxCharacters, unprintable } from '@vigil/core';

export { identifierProblem } from '@vigil/core';

/** Printable text of at most 128 characters for what people read (ward, device status): never refused, only cleaned. */
export function displayTextOf(value: unknown): string {
  if (typeof value !== 'string') return '';
  if (isIdentifier(value)) return value;
  const start = value.slice(0, 2 * maxCharacters);
  return Array.from(start.replace(new RegExp(unprintable, 'gu'), ' ').trim())
    .slice(0, maxCharacters)
    .join('')
    .trim();
}

/** `displayTextOf` for a member that says the same in almost every message: what was printable the last time is not looked at again. */
export function repeatedDisplayText(): (value: unknown) => string {
  let last = '';
  return (value) => {
    if (value === last) return last;
    const text = displayTextOf(value);
    if (text === value) last = text;
    return text;
  };
}
