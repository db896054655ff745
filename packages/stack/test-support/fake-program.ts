import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** An executable shell script, for programs whose real effect (installing packages) a test cannot have. */
export const writeProgram = (directory: string, name: string, script: string): string => {
  const path = join(directory, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return path;
};

/** Runs `work` with another `PATH`. */
export const withPath = async <Result>(path: string | undefined, work: () => Promise<Result>): Promise<Result> => {
  const before = process.env['PATH'];
  if (path === undefined) delete process.env['PATH'];
  else process.env['PATH'] = path;
  try {
    return await work();
  } finally {
    process.env['PATH'] = before;
  }
};
