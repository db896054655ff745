import { expect, test } from '@jest/globals';
import type { HttpTableOptions, Paging } from './http-table-options.ts';
import { addressOf, nextPageOf } from './next-page.ts';

const url = 'https://api.example/rows?size=2';
const options = (paging: Paging, since?: HttpTableOptions['since']): HttpTableOptions =>
  ({ name: 'api', url, paging, ...(since && { since }) }) as unknown as HttpTableOptions;
interface Given {
  readonly page?: string;
  readonly body?: unknown;
  readonly items?: number;
  readonly link?: string | null;
}
const next = (paging: Paging, { page = '', body = {}, items = 1, link = null }: Given = {}) =>
  nextPageOf(options(paging), { page, address: url, body, items }, { link } as Parameters<typeof nextPageOf>[2]);

const cursor = { kind: 'cursor', parameter: 'c', field: 'meta.next' } as const;
const numbered = { kind: 'page', parameter: 'p', first: 1 } as const;
const inBody = { kind: 'link', field: 'next' } as const;

test.each<readonly [Paging, Given, string | null]>([
  [{ kind: 'none' }, {}, null],
  [cursor, { body: { meta: { next: 'x' } } }, 'x'],
  [cursor, { body: { meta: { next: 42 } } }, '42'],
  [cursor, { body: { meta: { next: '' } } }, null],
  [cursor, { body: { meta: null } }, null],
  [numbered, {}, '2'],
  [numbered, { page: '7' }, '8'],
  [numbered, { page: '7', items: 0 }, null],
  [inBody, { body: { next: '/rows?c=2' } }, 'https://api.example/rows?c=2'],
  [inBody, { body: { next: '' } }, null],
  [{ kind: 'link' }, { link: '<rows?c=3>; rel="prev next"' }, 'https://api.example/rows?c=3'],
  [{ kind: 'link' }, { link: null }, null],
])('behind a page of %j with %j comes %j', (paging, given, expected) => {
  expect(next(paging, given)).toBe(expected);
});

test.each(['https://elsewhere.example/rows', 'http://api.example/rows', 'http://['])('credentials do not go to %s', (target) => {
  expect(() => next(inBody, { body: { next: target } })).toThrow(expect.objectContaining({ code: 'SOURCE_ANSWER' }));
});

test('an address carries what the source is asked for, except where the source gave it whole', () => {
  const since = { parameter: 'since', field: 'at', overlapMs: 0 };

  expect(addressOf(options(cursor, since), '', 'T')).toBe(`${url}&since=T`);
  expect(addressOf(options(cursor), 'x', 'T')).toBe(`${url}&c=x`);
  expect(addressOf(options(numbered), '', '')).toBe(`${url}&p=1`);
  expect(addressOf(options(numbered, since), '4', '')).toBe(`${url}&p=4`);
  expect(addressOf(options(inBody, since), 'https://api.example/rows?c=2', 'T')).toBe('https://api.example/rows?c=2');
});
