import { createHash } from 'node:crypto';
import { VigilError } from '@vigil/core';
import { askPage, type PageAnswer } from './http/ask-page.ts';
import { startOf, writeHttpPosition, type HttpPosition } from './http/http-position.ts';
import type { HttpTableOptions } from './http/http-table-options.ts';
import { addressOf, nextPageOf } from './http/next-page.ts';
import { valueAt } from './http/read-body.ts';
import { hashOf, lastMemos, memoOf } from './row-state.ts';
import type { SourcedRow, SourceRow, TableSource } from './table-source.ts';

const usualPages = 100_000;

const digestOf = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('base64url').slice(0, 22);

function parsed(body: Buffer, name: string): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw new VigilError('SOURCE_ANSWER', { detail: `Source ${name}: a page is not JSON.`, cause });
  }
}

function itemsOf(body: unknown, { items: path, name }: HttpTableOptions): readonly SourceRow[] {
  const items = valueAt(body, path);
  const isRows = Array.isArray(items) && items.every((item) => typeof item === 'object' && item !== null && !Array.isArray(item));
  if (!isRows) throw new VigilError('SOURCE_ANSWER', { detail: `Source ${name}: there is no list of objects at "${path}".` });
  return items as readonly SourceRow[];
}

/** Notices pages that lead in a circle: the same place twice, or the same content twice in a row under another place. */
function createLoopWatch({ name, mostPages = usualPages }: HttpTableOptions) {
  const places = new Set<string>();
  let before = '';
  const loop = (why: string): never => {
    throw new VigilError('PAGING_LOOP', { detail: `Source ${name}: ${why}.` });
  };
  return (address: string, body: Buffer, items: number): void => {
    const place = digestOf(address);
    if (places.has(place)) loop('a page leads to one that was read');
    if (places.add(place).size > mostPages) loop(`there are more than ${mostPages} pages`);
    const content = items === 0 ? '' : digestOf(body);
    if (content !== '' && content === before) loop('two pages hold the same');
    before = content;
  };
}

interface ReadPage {
  readonly rows: readonly SourceRow[];
  readonly next: string | null;
  readonly answer: PageAnswer;
}

/** Times as text, or numbers. */
const isNewer = (value: string, than: string): boolean => {
  const [a, b] = [Number(value), Number(than)];
  return value !== '' && (than === '' || (Number.isNaN(a) || Number.isNaN(b) ? value > than : a > b));
};
/** A time that lies ahead (a wrong clock, an open end) must not hide what changes until then. Numbers may count anything. */
const isAhead = (value: string, nowMs: number): boolean => Number.isNaN(Number(value)) && Date.parse(value) > nowMs;
const textOf = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');

/**
 * An API that gives its rows in pages. A later run asks for what changed (a parameter, or conditionally), and where the
 * items have a key it publishes only what is not as it was published last.
 *
 * @throws VigilError (from `read`) SOURCE_AWAY, SOURCE_DENIED, SOURCE_ANSWER, PAGING_LOOP
 */
export function openHttpTable(options: HttpTableOptions): TableSource {
  const { name, key, paging, since, state, salt, scan, requestsPerSecond, clock, sleep } = options;
  let askedAtMs = -Infinity;

  const pace = async (signal: AbortSignal): Promise<void> => {
    const dueMs = requestsPerSecond === undefined ? 0 : askedAtMs + 1_000 / requestsPerSecond;
    if (dueMs > clock.now()) await sleep(dueMs - clock.now(), signal);
    askedAtMs = clock.now();
  };
  /** Null = it cannot be told from others: it is given to whoever judges it, in every run. */
  const keyOf = (row: SourceRow): string | null => {
    const values = (key ?? []).map((field) => textOf(row[field]));
    return values.length === 0 || values.includes('') ? null : hashOf(salt, values);
  };
  const readPage = async (at: HttpPosition, watch: ReturnType<typeof createLoopWatch>, signal: AbortSignal): Promise<ReadPage | null> => {
    await pace(signal);
    const address = addressOf(options, at.page, at.since);
    // Only the beginning is asked for conditionally, and only where it tells by its body whether another page follows.
    const tells = paging.kind === 'none' || paging.kind === 'cursor' || (paging.kind === 'link' && paging.field !== undefined);
    const isFirst = at.page === '' && at.items === 0 && tells;
    const answer = await askPage(address, isFirst ? at : { etag: null, lastModified: null }, options, signal);
    if (answer.isUnchanged) return null;
    const body = parsed(answer.body, name);
    const rows = itemsOf(body, options);
    watch(address, answer.body, rows.length);
    const next = nextPageOf(options, { page: at.page, address, body, items: rows.length }, answer);
    return { rows, next, answer };
  };
  /** Items of a page that are to be published, with what their positions need. */
  async function* rowsOf({ rows }: ReadPage, at: HttpPosition): AsyncGenerator<SourcedRow, HttpPosition> {
    const keys = rows.map(keyOf);
    const known = await state.known(
      name,
      keys.filter((hash) => hash !== null),
    );
    let { newest } = at;
    for (const [index, row] of rows.entries()) {
      const changed = since ? textOf(row[since.field]) : '';
      if (isNewer(changed, newest) && !isAhead(changed, clock.now())) newest = changed;
      if (index < at.items) continue;
      const position = writeHttpPosition({ ...at, items: index + 1, newest });
      const place = `page ${at.pages + 1}, item ${index + 1}`;
      const changedAtMs = Date.parse(changed) || null;
      const told = { row, position, place, changedAtMs };
      const [hash, content] = [keys[index] ?? null, hashOf(salt, [JSON.stringify(row)])];
      const published = hash === null ? undefined : known.get(hash)?.content;
      if (hash === null) yield { ...told, change: 'snapshot' };
      else if (published !== content) yield { ...told, change: published === undefined ? 'insert' : 'update', memo: memoOf(hash, content) };
    }
    return { ...at, items: rows.length, newest };
  }
  async function* read(position: string | null, signal: AbortSignal): AsyncGenerator<SourcedRow> {
    const watch = createLoopWatch(options);
    let at = startOf(position, scan, since?.overlapMs);
    /** The last row says that the feed is at its end: only then the next run asks for what changed since. */
    let held: SourcedRow | null = null;
    while (!at.isEnd) {
      const page = await readPage(at, watch, signal);
      if (page === null) return;
      const { etag, lastModified } = at.page === '' ? page.answer : at;
      const rows = rowsOf(page, { ...at, etag, lastModified });
      let next = await rows.next();
      for (; !next.done; next = await rows.next()) {
        if (held) yield held;
        held = next.value;
      }
      at = page.next === null ? { ...next.value, isEnd: true } : { ...next.value, page: page.next, items: 0, pages: at.pages + 1 };
    }
    if (held) yield { ...held, position: writeHttpPosition(at) };
  }
  return {
    name,
    read,
    acknowledge: (_, memos) => state.remember(name, lastMemos(memos)),
    close: async () => undefined,
  };
}
