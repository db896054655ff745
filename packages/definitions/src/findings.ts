import type { z } from 'zod';
import { didYouMean } from './did-you-mean.ts';
import { expectedKeysAt } from './expected-keys.ts';
import { maxProblems } from './read-document.ts';
import { refusalOf } from './refused-fields.ts';

export type Path = readonly PropertyKey[];
type Issue = z.core.$ZodIssue;

/** A problem by the place in the value; `key` where the name of a field is meant, not its value. */
export interface Finding {
  readonly path: Path;
  readonly key?: string;
  readonly message: string;
}

const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((below, step) => (below as Readonly<Record<PropertyKey, unknown>> | undefined)?.[step], value);

/** Only what is short is repeated to the reader. */
const shown = (value: unknown): string => {
  const text = JSON.stringify(value);
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
};

function unknownKeys(path: Path, keys: readonly string[], { known, object }: { known: readonly string[]; object: unknown }): Finding[] {
  return keys.slice(0, maxProblems).map((key) => {
    const why = refusalOf(object, key);
    const told = why === undefined ? `unknown field ${key.slice(0, 100)}${didYouMean(key, known)}` : `no field ${key}: ${why}`;
    return { path: [...path, key], key, message: told };
  });
}

/** One finding for each thing a zod issue names, with a suggestion where a word looks misspelt. */
export function findingsOf(issue: Issue, schema: z.ZodType, value: unknown): Finding[] {
  const { path } = issue;
  if (issue.code === 'unrecognized_keys')
    return unknownKeys(path, issue.keys, { known: expectedKeysAt(schema, path, value as object), object: valueAt(value, path) });
  if (issue.code === 'custom') {
    const key = (issue.params as { readonly key?: string } | undefined)?.key;
    return [{ path, ...(key !== undefined && { key }), message: issue.message }];
  }
  const found = valueAt(value, path);
  if (found === undefined) return [{ path, message: `${String(path.at(-1))} is missing` }];
  const word = typeof found === 'string' ? found : shown(found);
  if (issue.code === 'invalid_value') {
    return [{ path, message: `unknown value ${shown(found)}${didYouMean(word, issue.values.map(String))}` }];
  }
  if (issue.code === 'invalid_union' && issue.discriminator !== undefined) {
    const { options } = issue as { readonly options?: readonly unknown[] };
    return [{ path, message: `unknown ${issue.discriminator} ${word}${didYouMean(word, (options ?? []).map(String))}` }];
  }
  if (issue.code === 'invalid_key') return [{ path, key: String(path.at(-1)), message: issue.issues[0]?.message ?? issue.message }];
  return [{ path, message: issue.message }];
}
