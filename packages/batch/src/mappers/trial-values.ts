type Members = Readonly<Record<string, unknown>>;

const isMembers = (value: unknown): value is Members => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The finite numbers among the secondary endpoints, by name; those of objects inside by `outer.inner`. One level, as a table shows it. */
export function numbersIn(endpoints: unknown): Record<string, number> {
  const numbers: Record<string, number> = {};
  if (!isMembers(endpoints)) return numbers;
  for (const [name, value] of Object.entries(endpoints)) {
    for (const [inner, nested] of isMembers(value) ? Object.entries(value) : []) {
      if (typeof nested === 'number') numbers[`${name}.${inner}`] = nested;
    }
    if (typeof value === 'number') numbers[name] = value;
  }
  return numbers;
}

const yes: ReadonlySet<unknown> = new Set([true, 'true', 'yes', 'Y', 'y', 1]);

/** Serious in the sense of ICH E2A is a mark of its own: a severe headache is not serious. */
const isSerious = (event: unknown): boolean => isMembers(event) && (yes.has(event['serious']) || event['severity'] === 'serious');

/** Adverse events and the serious ones among them: of a list, or of the list `events` of an object. */
export function countEvents(events: unknown): { readonly all: number; readonly serious: number } {
  const listed = isMembers(events) && Array.isArray(events['events']) ? events['events'] : events;
  if (!Array.isArray(listed)) return { all: 0, serious: 0 };
  return { all: listed.length, serious: listed.filter(isSerious).length };
}
