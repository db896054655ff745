import { VigilError } from '@vigil/core';

/** How many windows the windowing service holds open, by its own word; the sum over its instances. */
export async function countOpenWindows(adminUrls: readonly string[]): Promise<number> {
  let open = 0;
  for (const url of adminUrls) {
    const answer = await fetch(`${url}/state`, { signal: AbortSignal.timeout(5000) }).catch((cause: unknown) => {
      throw new VigilError('TIMED_OUT', { detail: `${url}/state of vitals-windowing.`, cause });
    });
    const { openWindows } = (await answer.json()) as { openWindows?: unknown };
    if (typeof openWindows !== 'number') throw new VigilError('BAD_USAGE', { detail: `${url}/state does not tell openWindows.` });
    open += openWindows;
  }
  return open;
}
