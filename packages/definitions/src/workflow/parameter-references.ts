const referencePattern = /\$\{parameters\.(\w+)\}/g;
const wholeReference = /^\$\{parameters\.(\w+)\}$/;

const mapDeep = (value: unknown, change: (text: string) => unknown): unknown => {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((each) => mapDeep(each, change));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, mapDeep(each, change)]));
};

/** Parameters that `${parameters.name}` names anywhere in a value. */
export function namedParameters(value: unknown): string[] {
  const names = new Set<string>();
  mapDeep(value, (text) => {
    for (const [, name = ''] of text.matchAll(referencePattern)) names.add(name);
    return text;
  });
  return [...names];
}

/**
 * A task with every `${parameters.name}` replaced: a text that is nothing else takes the parameter's type, one within a text
 * its digits or letters. A parameter that the run lacks stays as it is written.
 */
export const fillParameters = <Spec>(spec: Spec, parameters: Readonly<Record<string, unknown>>): Spec =>
  mapDeep(spec, (text) => {
    const [, whole] = wholeReference.exec(text) ?? [];
    if (whole !== undefined) return Object.hasOwn(parameters, whole) ? parameters[whole] : text;
    return text.replace(referencePattern, (reference, name: string) =>
      Object.hasOwn(parameters, name) ? String(parameters[name]) : reference,
    );
  }) as Spec;
