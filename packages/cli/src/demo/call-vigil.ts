import { runCli } from '../run-cli.ts';

/** Another command of this program, run in this process. */
export interface CallVigil {
  /** The command's JSON document, whatever its exit code: an unbalanced ledger is an answer too. */
  <Document>(args: readonly string[]): Promise<Document>;
}

/** @param progress  gets the lines that the command prints for the person who waits */
export const createCallVigil =
  (progress: (text: string) => void): CallVigil =>
  async <Document>(args: readonly string[]): Promise<Document> => {
    let printed = '';
    const code = await runCli([...args, '--json'], { stdout: { write: (text) => (printed += text) }, stderr: { write: progress } });
    if (printed === '') throw new Error(`vigil ${args.join(' ')} ended with ${code} and no answer.`);
    return JSON.parse(printed) as Document;
  };
