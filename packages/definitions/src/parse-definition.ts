import { VigilError } from '@vigil/core';
import { isMap, isNode, isScalar, type Document } from 'yaml';
import type { z } from 'zod';
import { findingsOf, type Path } from './findings.ts';
import { maxProblems, readDocument, startOf, type DefinitionProblem } from './read-document.ts';

export type { DefinitionProblem } from './read-document.ts';

export type ParsedDefinition<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly problems: readonly DefinitionProblem[] };

/** A document whose value is not what is validated: where each part of that came from. */
export type Expansion =
  | { readonly ok: true; readonly value: unknown; readonly originOf: (path: Path) => { readonly path: Path; readonly note: string } }
  | { readonly ok: false; readonly problems: readonly { readonly path: Path; readonly key?: string; readonly message: string }[] };

const textOf = (path: Path): string =>
  path.map((step, at) => (typeof step === 'number' ? `[${step}]` : `${at > 0 ? '.' : ''}${String(step)}`)).join('');

/** Where `path` stands in the text, or the nearest of its parents that does; a key's own place where `key` is asked for. */
function offsetOf(document: Document, path: Path, key?: string): number {
  const node = path.length === 0 ? document.contents : document.getIn(path as unknown[], true);
  if (isMap(node) && key !== undefined) {
    const found = node.items.find((pair) => isScalar(pair.key) && pair.key.value === key)?.key;
    if (isScalar(found)) return startOf(found);
  }
  if (isNode(node)) return startOf(node);
  return path.length === 0 ? 0 : offsetOf(document, path.slice(0, -1), String(path.at(-1)));
}

const asItStands = (value: unknown): Expansion => ({ ok: true, value, originOf: (path) => ({ path, note: '' }) });

/**
 * Reads a YAML 1.2 document strictly: no repeated keys, no unknown fields, no bombs; every problem at once (the first
 * hundred), each with its place.
 *
 * @param expand  makes another value of the document's before it is validated
 */
export function inspectDefinition<Value>(
  text: string,
  schema: z.ZodType<Value>,
  expand: (value: unknown) => Expansion = asItStands,
): ParsedDefinition<Value> {
  const read = readDocument(text);
  if (!read.ok) return read;
  const { document, problemAt } = read;
  const place = (path: Path, key: string | undefined, message: string): DefinitionProblem =>
    problemAt(offsetOf(document, key === undefined ? path : path.slice(0, -1), key), textOf(path), message);
  const sorted = (problems: readonly DefinitionProblem[]): ParsedDefinition<Value> => ({
    ok: false,
    problems: [...problems].sort((a, b) => a.line - b.line || a.column - b.column).slice(0, maxProblems),
  });

  const expanded = expand(read.value);
  if (!expanded.ok) return sorted(expanded.problems.map(({ path, key, message }) => place(path, key, message)));
  const parsed = schema.safeParse(expanded.value);
  if (parsed.success) return { ok: true, value: parsed.data };
  const found = parsed.error.issues.slice(0, maxProblems).flatMap((issue) => findingsOf(issue, schema, expanded.value));
  return sorted(
    found.map(({ path, key, message }) => {
      const origin = expanded.originOf(path);
      return place(origin.path, origin.note === '' ? key : undefined, message + origin.note);
    }),
  );
}

/** Gives problems that were found outside a text their places in it; one that it does not hold is shown at its nearest parent. */
export function locateProblems(text: string, found: readonly { readonly path: Path; readonly message: string }[]): DefinitionProblem[] {
  const read = readDocument(text);
  return found.map(({ path, message }) =>
    read.ok ? read.problemAt(offsetOf(read.document, path), textOf(path), message) : { line: 1, column: 1, path: textOf(path), message },
  );
}

/** `file:line:column path: message`, one a line. */
export const listProblems = (fileName: string, problems: readonly DefinitionProblem[]): string =>
  problems.map(({ line, column, path, message }) => `${fileName}:${line}:${column} ${path ? `${path}: ` : ''}${message}`).join('\n');

/** @throws VigilError BAD_DEFINITION that lists every problem with file, line and column */
export function parseDefinition<Value>(text: string, fileName: string, schema: z.ZodType<Value>): Value {
  const parsed = inspectDefinition(text, schema);
  if (parsed.ok) return parsed.value;
  throw new VigilError('BAD_DEFINITION', { detail: `\n${listProblems(fileName, parsed.problems)}\n` });
}
