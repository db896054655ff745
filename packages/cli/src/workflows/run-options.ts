import { VigilError } from '@vigil/core';

/** `name=value`: a number, true or false where it reads as one, else text. */
function parameterOf(text: string): readonly [string, string | number | boolean] {
  const [, name, value = ''] = /^([a-z][a-z0-9_]*)=(.*)$/s.exec(text) ?? [];
  if (name === undefined) throw new VigilError('BAD_USAGE', { detail: `--parameter takes name=value, not ${text}.` });
  if (value === 'true' || value === 'false') return [name, value === 'true'];
  return [name, /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value];
}

/** Repeated `--parameter name=value` as an object. @throws VigilError BAD_USAGE */
export const parametersOf = (given: readonly string[] = []): Readonly<Record<string, string | number | boolean>> =>
  Object.fromEntries(given.map(parameterOf));

const over: ReadonlySet<string> = new Set(['succeeded', 'failed', 'cancelled']);
export const hasEnded = (status: string): boolean => over.has(status);

export interface WaitOptions<Run> {
  readonly look: () => Promise<Run>;
  readonly withinSeconds: number;
  /** Between two looks. */
  readonly everyMs?: number;
}

/** Looks at a run until it has ended. Gives what it was last, ended or not. */
export async function awaitRun<Run extends { readonly status: string }>({
  look,
  withinSeconds,
  everyMs = 200,
}: WaitOptions<Run>): Promise<Run> {
  const signal = AbortSignal.timeout(withinSeconds * 1000);
  for (;;) {
    const run = await look();
    if (hasEnded(run.status) || signal.aborted) return run;
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
