/** The coordinator is about to be ready: the same request is right a moment later. */
const busyTypes: ReadonlySet<unknown> = new Set(['CONCURRENT_TRANSACTIONS', 'COORDINATOR_LOAD_IN_PROGRESS', 'GROUP_LOAD_IN_PROGRESS']);

const firstDelayMs = 5;
const mostDelayMs = 100;

const sleep = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

/** Repeats a request while the coordinator is busy, for at most `withinMs`. Any other error is thrown at once. */
export async function retryBusy<Answer>(request: () => Promise<Answer>, withinMs: number): Promise<Answer> {
  for (let waitedMs = 0, delayMs = firstDelayMs; ; waitedMs += delayMs, delayMs = Math.min(mostDelayMs, delayMs * 2)) {
    try {
      return await request();
    } catch (error) {
      if (!busyTypes.has((error as { type?: unknown }).type) || waitedMs >= withinMs) throw error;
      await sleep(delayMs);
    }
  }
}
