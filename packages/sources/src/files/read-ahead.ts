import type { SFTPWrapper } from 'ssh2';
import { sftpStatus } from './sftp-session.ts';

/** A file that was opened. Its handle means something to this connection only: another one may give the same to another file. */
export interface OpenedHandle {
  readonly sftp: SFTPWrapper;
  readonly handle: Buffer;
}

const pieceBytes = 64 * 1024;
/** Reads on their way at once: one after the other a file would come no faster than a piece each time the server is asked. */
const window = 16;

const readOnce = ({ sftp, handle }: OpenedHandle, into: Buffer, position: number): Promise<number> =>
  new Promise((resolve, reject) => {
    sftp.read(handle, into, 0, into.length, position, (error, count) => {
      if (!error) resolve(count);
      else if ((error as { code?: unknown }).code === sftpStatus.endOfFile) resolve(0);
      else reject(error);
    });
  });

/** Less than was asked for only at the end of the file. */
async function readPiece(opened: OpenedHandle, from: number, length: number): Promise<Buffer> {
  const piece = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const count = await readOnce(opened, piece.subarray(filled), from + filled);
    if (count === 0) break;
    filled += count;
  }
  return piece.subarray(0, filled);
}

/**
 * The bytes of a file from `offset` to `end` in their order, several reads ahead; ends early where the file does. Closes it.
 */
export async function* readAhead(
  opened: OpenedHandle,
  { offset, end }: { readonly offset: number; readonly end: number },
): AsyncGenerator<Buffer> {
  const waiting: Promise<Buffer>[] = [];
  let next = offset;
  const ask = (): void => {
    while (waiting.length < window && next < end) {
      const length = Math.min(pieceBytes, end - next);
      const piece = readPiece(opened, next, length);
      // Whoever waits for it hears of it; where an earlier one failed nobody does.
      piece.catch(() => undefined);
      waiting.push(piece);
      next += length;
    }
  };
  try {
    for (ask(); waiting.length > 0; ask()) {
      const piece = (await waiting.shift()) as Buffer;
      yield piece;
      if (piece.length < pieceBytes) return;
    }
  } finally {
    opened.sftp.close(opened.handle, () => undefined);
  }
}
