import { VigilError } from '@vigil/core';

/**
 * The body of an answer, whole.
 *
 * @throws VigilError SOURCE_ANSWER where it is larger than `mostBytes` (no more of it is read)
 */
export async function readBody(response: Response, mostBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > mostBytes) throw new VigilError('SOURCE_ANSWER', { detail: `A page is larger than ${mostBytes} bytes.` });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The value at a path of fields such as `data.items`; the whole for an empty path. */
export function valueAt(value: unknown, path: string): unknown {
  let at = value;
  for (const field of path === '' ? [] : path.split('.')) {
    at = typeof at === 'object' && at !== null ? (at as Readonly<Record<string, unknown>>)[field] : undefined;
  }
  return at;
}
