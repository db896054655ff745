import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { AcknowledgementPiece } from '@vigil/claim-formats';
import type { ClaimFile } from './list-claim-files.ts';

/** Where acknowledgements go: into `--ack-dir`, else beside the file; from standard input nowhere without it. */
export interface AcknowledgementKeeper {
  /** @returns the file; null = there is no place for it, or it cannot be written */
  keep(file: ClaimFile, piece: AcknowledgementPiece): Promise<string | null>;
}

const plain = (text: string): string => text.replaceAll(/[^\w.-]/g, '_');

/** @param onFailed  told of a file that could not be written: the claims are sent all the same */
export function createAcknowledgementKeeper(ackDir: string | undefined, onFailed: (path: string) => void): AcknowledgementKeeper {
  const counts = new Map<string, number>();
  return {
    async keep({ path }, { source, type, interchangeControl, bytes }) {
      const directory = ackDir ?? (path === null ? undefined : dirname(path));
      if (directory === undefined) return null;
      const stem = `${plain(source)}.${plain(interchangeControl)}.${type}`;
      const count = (counts.get(stem) ?? 0) + 1;
      counts.set(stem, count);
      const target = join(directory, `${stem}${count === 1 ? '' : `.${count}`}.ack`);
      try {
        await writeFile(target, bytes, { mode: 0o600 });
        return target;
      } catch {
        onFailed(target);
        return null;
      }
    },
  };
}
