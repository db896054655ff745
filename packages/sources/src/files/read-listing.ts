import type { FoundFile } from './file-source.ts';

export interface ListingPage {
  readonly files: readonly FoundFile[];
  /** Null = this was the last page. */
  readonly next: string | null;
}

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

const unescape = (text: string): string =>
  text.replaceAll(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole: string, hex?: string, decimal?: string, name?: string) => {
    if (name !== undefined) return named[name] ?? whole;
    return String.fromCodePoint(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16));
  });

const elementOf = (xml: string, name: string): string => {
  const found = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml);
  return unescape(found?.[1] ?? '');
};

/**
 * A page of ListObjectsV2. Of XML it needs no more than elements that hold text: that is all the answer has.
 *
 * @param prefix  is taken off the keys; keys of folders (a slash at the end) are left out
 */
export function readListing(xml: string, prefix: string): ListingPage {
  const files: FoundFile[] = [];
  for (const [, object = ''] of xml.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
    const key = elementOf(object, 'Key');
    if (!key.startsWith(prefix) || key.endsWith('/')) continue;
    files.push({
      path: key.slice(prefix.length),
      bytes: Number(elementOf(object, 'Size')),
      modifiedAtMs: Date.parse(elementOf(object, 'LastModified')),
      version: elementOf(object, 'ETag').replaceAll('"', ''),
    });
  }
  return { files, next: elementOf(xml, 'IsTruncated') === 'true' ? elementOf(xml, 'NextContinuationToken') : null };
}
