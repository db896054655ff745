/** Where a command writes; `process` in production, arrays in tests. */
export interface CliStreams {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean };
}

/** What a command may say and how it ends. */
export interface CliIo {
  /** The one result of the command: a JSON document under `--json`, else the text that `toText` makes of it. */
  readonly result: <Value>(value: Value, toText: (value: Value) => string) => void;
  /** A line for the person who waits; always on standard error. */
  readonly progress: (line: string) => void;
  /** Bytes for the person who waits (a live line, the output of a child); standard error. */
  readonly write: (text: string) => void;
  /** Whether standard error is a terminal, so that a line may be redrawn. */
  readonly live: boolean;
  /** Ends with this code although nothing was thrown, e.g. 1 for a ledger that does not balance. */
  readonly exitWith: (code: number) => void;
}

export interface CliSession {
  readonly io: CliIo;
  readonly setJson: (json: boolean) => void;
  readonly printed: () => boolean;
  readonly exitCode: () => number;
}

/** One run of the program: remembers the exit code and that standard output holds at most one document. */
export const createCliSession = ({ stdout, stderr }: CliStreams): CliSession => {
  let json = false;
  let printed = false;
  let exitCode = 0;
  return {
    io: {
      result: (value, toText) => {
        printed = true;
        const text = json ? JSON.stringify(value) : toText(value);
        stdout.write(text.endsWith('\n') ? text : `${text}\n`);
      },
      progress: (line) => void stderr.write(`${line}\n`),
      write: (text) => void stderr.write(text),
      live: stderr.isTTY === true,
      exitWith: (code) => {
        exitCode = code;
      },
    },
    setJson: (value) => {
      json = value;
    },
    printed: () => printed,
    exitCode: () => exitCode,
  };
};
