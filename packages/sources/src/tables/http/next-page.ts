import { VigilError } from '@vigil/core';
import type { PageAnswer } from './ask-page.ts';
import type { HttpTableOptions } from './http-table-options.ts';
import { nextLink } from './next-link.ts';
import { valueAt } from './read-body.ts';

/** Address of a page. */
export function addressOf({ url, paging, since }: HttpTableOptions, page: string, changedSince: string): string {
  const address = new URL(paging.kind === 'link' && page !== '' ? page : url);
  // An address that the source gave holds it already.
  const isOurs = page === '' || paging.kind !== 'link';
  if (since && changedSince !== '' && isOurs) address.searchParams.set(since.parameter, changedSince);
  if (paging.kind === 'cursor' && page !== '') address.searchParams.set(paging.parameter, page);
  if (paging.kind === 'page') address.searchParams.set(paging.parameter, page === '' ? String(paging.first) : page);
  return address.href;
}

function linked({ url, name }: HttpTableOptions, at: string, target: string | null): string | null {
  if (target === null || target === '') return null;
  const next = URL.parse(target, at);
  // Credentials go with every request.
  if (next?.origin !== new URL(url).origin)
    throw new VigilError('SOURCE_ANSWER', { detail: `Source ${name}: the next page is elsewhere.` });
  return next.href;
}

const textAt = (body: unknown, path: string): string | null => {
  const value = valueAt(body, path);
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' ? value : null;
};

/** The page behind this one; null = it was the last. @throws VigilError SOURCE_ANSWER where it leads to another origin */
export function nextPageOf(
  options: HttpTableOptions,
  { page, address, body, items }: { readonly page: string; readonly address: string; readonly body: unknown; readonly items: number },
  { link }: PageAnswer,
): string | null {
  const { paging } = options;
  switch (paging.kind) {
    case 'none':
      return null;
    case 'link':
      return linked(options, address, paging.field === undefined ? nextLink(link) : textAt(body, paging.field));
    case 'cursor':
      return textAt(body, paging.field) || null;
    case 'page':
      return items === 0 ? null : String((page === '' ? paging.first : Number(page)) + 1);
  }
}
