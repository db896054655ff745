/** One text for each value; every part ends itself, so that no content can imitate structure. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return `${value.length}:${value}`;
  if (typeof value === 'number' || value === null) return `n${value};`;
  return Array.isArray(value) ? `[${value.map(textOf).join('')}]` : membersTextOf(value as object);
}

const saysNothing = (value: unknown): boolean => value === null || value === '' || (Array.isArray(value) && value.length === 0);

function membersTextOf(members: object): string {
  const told = Object.entries(members).filter(([, value]) => !saysNothing(value));
  const sorted = told.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${sorted.map(([name, value]) => `${textOf(name)}${textOf(value)}`).join('')}}`;
}

/**
 * The same text for the same members, whatever their order; null, empty text and empty lists say nothing. So a member that is
 * added later leaves the text of everything without it as it was.
 *
 * @param members  texts, numbers, null, and lists and objects of such
 */
export const canonicalText = (members: object): string => membersTextOf(members);
