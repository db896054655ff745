import { expect, test } from '@jest/globals';
import { readListing } from './read-listing.ts';

const object = (key: string): string =>
  `<Contents><Key>${key}</Key><LastModified>2024-03-15T00:00:00.000Z</LastModified><ETag>&quot;e1&quot;</ETag><Size>3</Size></Contents>`;

test('keys are read without their prefix and their escapes; folders and what stands elsewhere are left out', () => {
  const xml = `<ListBucketResult>${object('in/a&amp;b&#x20;&#99;&unknown;.csv')}${object('in/sub/')}${object('out/x.csv')}<IsTruncated>false</IsTruncated></ListBucketResult>`;

  expect(readListing(xml, 'in/')).toEqual({
    files: [{ path: 'a&b c&unknown;.csv', bytes: 3, modifiedAtMs: Date.UTC(2024, 2, 15), version: 'e1' }],
    next: null,
  });
});

test('a page that is not the last names the next one', () => {
  const xml = '<IsTruncated>true</IsTruncated><NextContinuationToken>t&lt;1</NextContinuationToken>';

  expect(readListing(xml, '')).toEqual({ files: [], next: 't<1' });
});

test('an object that lacks what it must have has no size and no time', () => {
  expect(readListing('<Contents><Key>a</Key></Contents>', '').files).toEqual([
    { path: 'a', bytes: 0, modifiedAtMs: Number.NaN, version: '' },
  ]);
});
