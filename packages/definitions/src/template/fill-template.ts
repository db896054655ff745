import type { Path } from '../findings.ts';

/** A value with its placeholders filled, and which of its places a parameter gave. */
export interface Filled {
  readonly value: unknown;
  /** Parameter that gave the value at `path`; the first one where a text holds several. */
  readonly parameterAt: (path: Path) => string | undefined;
}

const placeholderPattern = /\$\{(\w+)\}/g;
const wholePlaceholder = /^\$\{(\w+)\}$/;

/** `${name}` of the template's parameters; `${parameters.name}` is for the run, and stays. */
export function fillTemplate(template: unknown, values: Readonly<Record<string, unknown>>): Filled {
  const given = new Map<string, string>();

  const fillText = (text: string, path: Path): unknown => {
    const used = [...text.matchAll(placeholderPattern)].map(([, name = '']) => name).find((name) => Object.hasOwn(values, name));
    if (used === undefined) return text;
    given.set(JSON.stringify(path), used);
    if (wholePlaceholder.test(text)) return values[used];
    return text.replace(placeholderPattern, (found, name: string) => (Object.hasOwn(values, name) ? String(values[name]) : found));
  };

  const fill = (value: unknown, path: Path): unknown => {
    if (typeof value === 'string') return fillText(value, path);
    if (Array.isArray(value)) return value.map((each, at) => fill(each, [...path, at]));
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, fill(each, [...path, key])]));
  };

  const value = fill(template, []);
  return { value, parameterAt: (path) => given.get(JSON.stringify(path)) };
}
