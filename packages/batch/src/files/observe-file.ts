import type { FoundFile } from '@vigil/sources';
import type { FileRecord } from './file-record.ts';

/** What a listing means for the ledger. */
export type Observation =
  | { readonly kind: 'new'; readonly revision: number }
  /** The same version again. */
  | { readonly kind: 'seen' }
  /** Nobody had taken the version that was there: the new one stands for it. */
  | { readonly kind: 'replaced' }
  /** What was loaded is (still, or once more) in the way. */
  | { readonly kind: 'loaded' }
  /** An attempt has another version of it: that one has to end first. */
  | { readonly kind: 'busy' }
  /** A person's, or known not to be needed. */
  | { readonly kind: 'settled' };

type Known = Pick<FileRecord, 'version' | 'revision' | 'state' | 'sha256'>;

/** @param known  latest revision of the path; null = the path was never seen */
export function observeFile(known: Known | null, found: Pick<FoundFile, 'version'>): Observation {
  if (known === null) return { kind: 'new', revision: 1 };
  const isSame = known.version === found.version;
  switch (known.state) {
    case 'DISCOVERED':
    case 'STABLE':
      if (isSame) return { kind: 'seen' };
      // Of a content that was staged once some may be in the topic already: a checkpoint of it means nothing in another.
      return known.sha256 === null ? { kind: 'replaced' } : { kind: 'new', revision: known.revision + 1 };
    case 'CLAIMED':
    case 'STAGED':
    case 'VERIFIED':
      return isSame ? { kind: 'seen' } : { kind: 'busy' };
    case 'LOADED':
    case 'ARCHIVED':
      return isSame ? { kind: 'loaded' } : { kind: 'new', revision: known.revision + 1 };
    case 'QUARANTINED':
    case 'DUPLICATE':
      return isSame ? { kind: 'settled' } : { kind: 'new', revision: known.revision + 1 };
  }
}
