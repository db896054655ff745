import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { SeedSpan, SeedViolation } from '../run/play-seeds.ts';
import type { Mutant } from './mutant.ts';
import { copyWithEdits } from './mutated-sources.ts';

export interface Detection {
  readonly name: string;
  readonly harm: string;
  /** Seeds played until the first violation; null = none of them found it. */
  readonly seeds: number | null;
  readonly violation: SeedViolation | null;
}

function runProgram(program: string, { from, count }: SeedSpan): Promise<string> {
  const child = spawn(process.execPath, [program, String(from), String(count)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve(output) : reject(new Error(`${program} ended with ${code}: ${errors}`))));
  });
}

/** Plays seeds on a copy of the engine with the mutant's bug until one of them finds it. */
export async function detectMutant({ name, harm, edits }: Mutant, span: SeedSpan): Promise<Detection> {
  const { folder, remove } = copyWithEdits(edits);
  try {
    const output = await runProgram(join(folder, 'tests/simulation/run/first-violation.ts'), span);
    const violation = JSON.parse(output) as SeedViolation | null;
    return { name, harm, seeds: violation ? violation.seed - span.from + 1 : null, violation };
  } finally {
    remove();
  }
}
