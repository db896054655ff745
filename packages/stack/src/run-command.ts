import { spawn } from 'node:child_process';
import { VigilError } from '@vigil/core';

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
}

/** Runs a program to its end and answers what it printed. */
export const runCommand = async (program: string, args: readonly string[], { user, ...options }: RunOptions = {}): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...options, ...user, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...options.env } });
    let output = '';
    const collect = (chunk: Buffer) => {
      output = (output + chunk.toString('utf8')).slice(-100_000);
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.once('error', (cause) => reject(new VigilError('MISSING_PROGRAM', { detail: `${program} cannot be run.`, cause })));
    child.once('close', (code) => {
      if (code === 0) resolve(output);
      else
        reject(
          new VigilError('PART_FAILED', {
            detail: `${program} ${args.slice(0, 3).join(' ')} … ended with ${code}:\n${output.slice(-2_000)}\n`,
          }),
        );
    });
  });
