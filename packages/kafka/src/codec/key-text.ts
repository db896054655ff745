import { InternedText } from '@vigil/contracts';

/** Keys as text: the same string object for the same bytes, as keys repeat. Bytes that are no UTF-8 are read with replacement characters. */
export function createKeyText(): (key: Buffer) => string {
  const interned = new InternedText();
  return (key) => {
    try {
      return interned.decode(key, 0, key.length);
    } catch {
      return key.toString('utf8');
    }
  };
}
