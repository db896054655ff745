import { VigilError } from '@vigil/core';

async function askInstance(url: string): Promise<number> {
  try {
    const answer = await fetch(`${url}/state`, { signal: AbortSignal.timeout(5000) });
    const { openWindows } = (await answer.json()) as { openWindows?: unknown };
    if (typeof openWindows === 'number') return openWindows;
  } catch (cause) {
    throw new VigilError('TIMED_OUT', { detail: `${url}/state of vitals-windowing.`, cause });
  }
  throw new VigilError('TIMED_OUT', { detail: `${url}/state of vitals-windowing does not tell its open windows.` });
}

/** How many windows the windowing service holds open, by its own word; the sum over its instances. */
export async function countOpenWindows(adminUrls: readonly string[]): Promise<number> {
  const counts = await Promise.all(adminUrls.map(askInstance));
  return counts.reduce((sum, count) => sum + count, 0);
}

/** For whoever waits: null while an instance does not answer, since one that was ended is started again. */
export async function countOpenWindowsOrNull(adminUrls: readonly string[]): Promise<number | null> {
  try {
    return await countOpenWindows(adminUrls);
  } catch {
    return null;
  }
}
