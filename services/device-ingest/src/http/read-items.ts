import { isUtf8 } from 'node:buffer';
import { splitJson, splitLines } from '../domain/split-items.ts';
import { maxMessageBytes, readMessage, type JsonObject } from '../domain/read-message.ts';
import { listErrors } from './list-errors.ts';
import { HttpProblem, messageOf, type ItemError } from './problem.ts';

/** One item of a request: what it says, and the bytes in which it came. */
export interface Item {
  readonly bytes: Buffer;
  readonly message: JsonObject;
  /** Parsing lost digits of a number. */
  readonly lossy: boolean;
}

/** A Kafka record is its value and a little more, and the topic takes 4 MiB of both. */
const maxItemBytes = maxMessageBytes - 16 * 1024;

/**
 * No body of readings that can be accepted holds more: the smallest has 86 bytes. It bounds what a body of 4 MiB that
 * consists of `{},{},…` costs: millions of items, each with its problems told.
 */
export const maxItems = 50_000;

const lineTypes = new Set(['application/x-ndjson', 'application/ndjson', 'application/jsonl', 'application/x-jsonlines']);

const malformed = (detail: string, errors?: readonly ItemError[]): HttpProblem =>
  new HttpProblem({ status: 400, name: 'malformed-body', title: 'The body cannot be read', detail, ...(errors && { errors }) });

export const tooLarge = (): HttpProblem =>
  new HttpProblem({
    status: 413,
    name: 'too-large',
    title: 'The request is too large',
    detail: `A body may hold ${maxMessageBytes} bytes and ${maxItems} items, and one item ${maxItemBytes} bytes; nothing of the request was taken. Split it.`,
  });

export type BodyFormat = 'json' | 'lines';

/** @throws HttpProblem 415 */
export function bodyFormatOf(contentType: string | undefined): BodyFormat {
  const [type = '', ...parameters] = (contentType ?? '')
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  const charset = parameters
    .find((parameter) => parameter.startsWith('charset='))
    ?.slice('charset='.length)
    .replaceAll('"', '');
  const isUnderstood = charset === undefined || charset === 'utf-8' || charset === 'utf8';
  if (isUnderstood && type === 'application/json') return 'json';
  if (isUnderstood && lineTypes.has(type)) return 'lines';
  throw new HttpProblem({
    status: 415,
    name: 'unsupported-media-type',
    title: 'The media type is not supported',
    detail: 'Send application/json (one object or an array) or application/x-ndjson (one object a line), in UTF-8.',
  });
}

const isJson = (bytes: Buffer): boolean => {
  const read = readMessage(bytes);
  return read.ok || read.code !== 'NOT_JSON';
};

function split(body: Buffer, format: BodyFormat): readonly Buffer[] {
  if (format === 'lines') return splitLines(body, maxItems);
  const items = splitJson(body, maxItems);
  if (items === null) throw malformed(messageOf('NOT_JSON'));
  const [only] = items;
  // Lines sent under the name of plain JSON: what every line says is clear.
  if (items.length === 1 && only !== undefined && !isJson(only)) {
    const lines = splitLines(body, maxItems);
    if (lines.length > 1 && lines.every(isJson)) return lines;
  }
  return items;
}

const itemError = (index: number, code: string): ItemError => ({ index, field: '', code, message: messageOf(code) });

function unreadable(errors: readonly ItemError[]): HttpProblem {
  const malformedOnes = errors.filter(({ code }) => code !== 'BAD_SHAPE');
  if (malformedOnes.length > 0) {
    const listed = listErrors(malformedOnes);
    return malformed(`Nothing of the request was taken; each item that cannot be read is listed.${listed.note}`, listed.errors);
  }
  return invalidItems(errors);
}

/**
 * 422: every bad field of every bad item, up to as many as are listed.
 * @param found  how many items and errors there are, where `errors` are not all
 */
export function invalidItems(
  errors: readonly ItemError[],
  found = { items: new Set(errors.map(({ index }) => index)).size, errors: errors.length },
): HttpProblem {
  const listed = listErrors(errors, found.errors);
  return new HttpProblem({
    status: 422,
    name: 'invalid-items',
    title: 'Items cannot be accepted',
    detail: `${found.items} items cannot be accepted; nothing of the request was taken.${listed.note}`,
    errors: listed.errors,
  });
}

/**
 * The items of a request body, all or none.
 * @throws HttpProblem 400 (not JSON), 413 (too many, or one too large), 422 (not a JSON object each)
 */
export function readItems(body: Buffer, format: BodyFormat): readonly Item[] {
  if (!isUtf8(body)) throw malformed(messageOf('INVALID_UTF8'));
  const slices = split(body, format);
  if (slices.length === 0) throw malformed('The body holds no item. Send one object, an array of objects, or one object a line.');
  if (slices.length > maxItems || slices.some(({ length }) => length > maxItemBytes)) throw tooLarge();
  const errors: ItemError[] = [];
  const items = slices.flatMap((bytes, index): Item[] => {
    const read = readMessage(bytes);
    if (read.ok) return [{ bytes, message: read.message, lossy: read.lossy }];
    errors.push(itemError(index, read.code === 'EMPTY_VALUE' ? 'NOT_JSON' : read.code));
    return [];
  });
  if (errors.length > 0) throw unreadable(errors);
  return items;
}
