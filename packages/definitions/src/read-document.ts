import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node, type Range } from 'yaml';

/** One thing wrong with a definition, where a reader finds it. Line and column count from 1. */
export interface DefinitionProblem {
  readonly line: number;
  readonly column: number;
  /** `tasks[0].validation_rules[1]`; empty for the document itself. */
  readonly path: string;
  readonly message: string;
}

/** A YAML document with the places of its nodes. */
export interface ReadDocument {
  readonly ok: true;
  readonly document: Document;
  readonly value: unknown;
  readonly problemAt: (offset: number, path: string, message: string) => DefinitionProblem;
}

type Refused = { readonly ok: false; readonly problems: readonly DefinitionProblem[] };

const maxBytes = 1024 * 1024;
const maxDepth = 40;
/** Commas, lines and opening brackets: about as many values; known before anything is parsed. */
const maxSeparators = 100_000;
const maxAliasCount = 20;
const tooDeep = `nested more than ${maxDepth} levels deep`;
/** More help nobody. */
export const maxProblems = 100;

interface Mistake {
  readonly offset: number;
  readonly message: string;
}

/** Every node that was parsed from text has a range. */
export const startOf = (node: Node): number => (node.range as Range)[0];

const childrenOf = (node: unknown): readonly unknown[] => {
  if (isMap(node)) return node.items.flatMap(({ key, value }) => [key, value]);
  return isSeq(node) ? node.items : [];
};

/** The library's own check of keys compares each with each: a minute for a megabyte of them. */
function* repeatedKeys(node: unknown): Generator<Mistake> {
  if (!isMap(node)) return;
  const seen = new Set<unknown>();
  for (const { key } of node.items) {
    if (!isScalar(key)) continue;
    if (seen.has(key.value)) yield { offset: startOf(key), message: `Map keys must be unique; ${String(key.value)} stands there twice` };
    seen.add(key.value);
  }
}

/** What makes a document of a few bytes, or of many, more than a definition can be; layer by layer, without recursion. */
function mistakesOf(root: unknown): Mistake[] {
  const mistakes: Mistake[] = [];
  let layer: readonly unknown[] = [root];
  for (let depth = 0; layer.length > 0; depth++) {
    if (depth > maxDepth) return [{ offset: startOf(layer[0] as Node), message: tooDeep }];
    for (const node of layer) for (const mistake of repeatedKeys(node)) mistakes.push(mistake);
    layer = layer.flatMap(childrenOf).filter((child) => isMap(child) || isSeq(child) || isScalar(child) || isAlias(child));
  }
  return mistakes;
}

function valueOf(document: Document): { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly message: string } {
  try {
    return { ok: true, value: document.toJS({ maxAliasCount }) };
  } catch (error) {
    // An alias bomb, or an alias without an anchor: the library can only tell while it unfolds them.
    return { ok: false, message: (error as Error).message };
  }
}

/** What the library found. It reads nested values by recursion, and tells where its stack ended. */
const toldMistakes = ({ errors, warnings }: Document): Mistake[] =>
  [...errors, ...warnings]
    .slice(0, maxProblems)
    .map(({ pos, code, message }) => ({ offset: pos[0], message: code === 'RESOURCE_EXHAUSTION' ? tooDeep : message }));

const isSeparator = (code: number): boolean => code === 0x0a || code === 0x2c || code === 0x5b || code === 0x7b;

/** Why a text is not even parsed. */
function refusalOf(text: string): string | null {
  if (Buffer.byteLength(text) > maxBytes) return 'the text is larger than 1 MiB';
  let separators = 0;
  for (let at = 0; at < text.length; at++) if (isSeparator(text.charCodeAt(at))) separators++;
  return separators > maxSeparators ? `more than ${maxSeparators} values` : null;
}

/** Reads a YAML 1.2 document strictly: no repeated keys, no bombs; at most 1 MiB. */
export function readDocument(text: string): ReadDocument | Refused {
  const lines = new LineCounter();
  const problemAt = (offset: number, path: string, message: string): DefinitionProblem => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col), path, message };
  };
  const refuse = (mistakes: readonly Mistake[]): Refused => ({
    ok: false,
    problems: mistakes.slice(0, maxProblems).map(({ offset, message }) => problemAt(offset, '', message)),
  });

  const refusal = refusalOf(text);
  if (refusal !== null) return refuse([{ offset: 0, message: refusal }]);
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: false, prettyErrors: false });
  const told = toldMistakes(document);
  const mistakes = told.length > 0 ? told : mistakesOf(document.contents);
  if (mistakes.length > 0) return refuse(mistakes);
  const read = valueOf(document);
  return read.ok ? { ok: true, document, value: read.value, problemAt } : refuse([{ offset: 0, message: read.message }]);
}
