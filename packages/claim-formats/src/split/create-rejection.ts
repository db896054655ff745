import { createHash, hash } from 'node:crypto';
import { maxPartBytes, type Finding, type RejectedPiece, type SplitOptions } from './piece.ts';

export interface RejectionOf {
  readonly options: SplitOptions;
  /** Where it begins in the input, from 0. */
  readonly offset: number;
  readonly line: number | null;
  readonly format: string;
  readonly scope: 'file' | 'interchange' | 'group' | 'transaction' | 'claim';
  readonly interchangeControl: string | null;
  readonly findings: readonly Finding[];
  readonly acknowledgement: Buffer;
}

export interface Rejection {
  /** Takes bytes that follow the earlier ones; gives back parts that are full. */
  add(bytes: Buffer): RejectedPiece[];
  /** The last part, with how many claims there were in it. */
  end(claims: number): RejectedPiece;
}

/** Cuts a rejected piece of any size into records. Never more than a part is in memory. */
export function createRejection({ options, offset, findings, acknowledgement, ...place }: RejectionOf): Rejection {
  const sha256 = createHash('sha256');
  let kept: Buffer[] = [];
  let keptBytes = 0;
  let part = 0;
  let rejectionId = '';

  const take = (): Buffer => {
    const content = kept.length === 1 ? (kept[0] as Buffer) : Buffer.concat(kept);
    kept = [];
    keptBytes = 0;
    sha256.update(content);
    part++;
    // Of the first part: the others are not known yet when it leaves.
    if (part === 1) rejectionId = hash('sha256', Buffer.concat([Buffer.from(`${place.scope}\0${offset}\0`), content])).slice(0, 32);
    return content;
  };
  const piece = (last: { readonly parts: number; readonly claims: number; readonly sha256: string }): RejectedPiece => {
    const content = take();
    const { source, nowMs } = options;
    const record = {
      ...place,
      ...last,
      rejectionId,
      part,
      content,
      source,
      findings,
      // Once is enough: it may be large.
      acknowledgement: part === 1 ? acknowledgement : Buffer.alloc(0),
      rejectedAt: nowMs,
    };
    return { kind: 'rejected', record };
  };

  return {
    add(bytes) {
      const full: RejectedPiece[] = [];
      for (let from = 0; from < bytes.length;) {
        if (keptBytes === maxPartBytes) full.push(piece({ parts: 0, claims: 0, sha256: '' }));
        const taken = bytes.subarray(from, from + maxPartBytes - keptBytes);
        kept.push(taken);
        keptBytes += taken.length;
        from += taken.length;
      }
      return full;
    },
    end(claims) {
      const last = piece({ parts: 0, claims, sha256: '' });
      return { kind: 'rejected', record: { ...last.record, parts: part, sha256: sha256.digest('hex') } };
    },
  };
}
