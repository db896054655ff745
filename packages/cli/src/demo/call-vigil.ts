import type { RunVigil } from '../define-command.ts';

/** Another command of this program, run in this process. */
export interface CallVigil {
  /**
   * The command's JSON document; that of an unbalanced ledger too, which is an answer although its exit code is 1.
   *
   * @throws when the command failed, with what it said
   */
  <Document extends object>(args: readonly string[]): Promise<Document>;
}

interface Failed {
  readonly error: { readonly message: string };
}

const isFailed = (document: object): document is Failed => 'error' in document;

/** @param progress  gets the lines that the command prints for the person who waits */
export const createCallVigil =
  (run: RunVigil, progress: (text: string) => void): CallVigil =>
  async <Document extends object>(args: readonly string[]): Promise<Document> => {
    let printed = '';
    const code = await run([...args, '--json'], { stdout: { write: (text) => (printed += text) }, stderr: { write: progress } });
    if (printed === '') throw new Error(`vigil ${args.join(' ')} ended with ${code} and no answer.`);
    const document = JSON.parse(printed) as Document;
    if (isFailed(document)) throw new Error(document.error.message);
    return document;
  };
