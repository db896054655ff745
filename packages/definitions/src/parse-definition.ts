import { VigilError } from '@vigil/core';
import { isMap, isNode, isScalar, LineCounter, parseDocument, type Document, type Node, type Range } from 'yaml';
import type { z } from 'zod';
import { didYouMean } from './did-you-mean.ts';
import { expectedKeysAt } from './expected-keys.ts';

/** One thing wrong with a definition, where a reader finds it. Line and column count from 1. */
export interface DefinitionProblem {
  readonly line: number;
  readonly column: number;
  /** `tasks[0].validation_rules[1]`; empty for the document itself. */
  readonly path: string;
  readonly message: string;
}

export type ParsedDefinition<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly problems: readonly DefinitionProblem[] };

type Path = readonly PropertyKey[];
type Issue = z.core.$ZodIssue;

const maxAliasCount = 20;

const textOf = (path: Path): string =>
  path.map((step, at) => (typeof step === 'number' ? `[${step}]` : `${at > 0 ? '.' : ''}${String(step)}`)).join('');

/** Every node that was parsed from text has a range. */
const startOf = (node: Node): number => (node.range as Range)[0];

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

const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((below, step) => (below as Readonly<Record<PropertyKey, unknown>>)[step], value);

interface Finding {
  readonly path: Path;
  readonly key?: string;
  readonly message: string;
}

/** One finding for each thing a zod issue names, with a suggestion where a word looks misspelt. */
function findingsOf(issue: Issue, schema: z.ZodType, value: unknown): Finding[] {
  const { path } = issue;
  if (issue.code === 'unrecognized_keys') {
    const known = expectedKeysAt(schema, path, value as object);
    return issue.keys.map((key) => ({ path: [...path, key], key, message: `unknown field ${key}${didYouMean(key, known)}` }));
  }
  if (issue.code === 'custom') return [{ path, message: issue.message }];
  const found = valueAt(value, path);
  if (found === undefined) return [{ path, message: `${String(path.at(-1))} is missing` }];
  const word = typeof found === 'string' ? found : JSON.stringify(found);
  if (issue.code === 'invalid_value') {
    return [{ path, message: `unknown value ${JSON.stringify(found)}${didYouMean(word, issue.values.map(String))}` }];
  }
  if (issue.code === 'invalid_union' && issue.discriminator !== undefined) {
    const { options } = issue as { readonly options?: readonly unknown[] };
    return [{ path, message: `unknown ${issue.discriminator} ${word}${didYouMean(word, (options ?? []).map(String))}` }];
  }
  return [{ path, message: issue.message }];
}

/**
 * Reads a YAML 1.2 document strictly: no repeated keys, no unknown fields; every problem at once, each with its place.
 */
export function inspectDefinition<Value>(text: string, schema: z.ZodType<Value>): ParsedDefinition<Value> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false });
  const place = (offset: number, path: string, message: string): DefinitionProblem => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col), path, message };
  };

  const mistakes = [...document.errors, ...document.warnings];
  if (mistakes.length > 0) return { ok: false, problems: mistakes.map(({ pos, message }) => place(pos[0], '', message)) };
  const read = readValue(document);
  if (!read.ok) return { ok: false, problems: [place(0, '', read.message)] };

  const parsed = schema.safeParse(read.value);
  if (parsed.success) return { ok: true, value: parsed.data };
  const problems = parsed.error.issues
    .flatMap((issue) => findingsOf(issue, schema, read.value))
    .map(({ path, key, message }) => place(offsetOf(document, key === undefined ? path : path.slice(0, -1), key), textOf(path), message));
  return { ok: false, problems: problems.sort((a, b) => a.line - b.line || a.column - b.column) };
}

function readValue(document: Document): { ok: true; value: unknown } | { ok: false; message: string } {
  try {
    return { ok: true, value: document.toJS({ maxAliasCount }) };
  } catch (error) {
    // An alias bomb, or an alias without an anchor: the library can only tell while it unfolds them.
    return { ok: false, message: (error as Error).message };
  }
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
