/** The coordinator is about to be ready, is another one, or has not heard of a new topic yet: the same request is right a moment later. */
const busyTypes: ReadonlySet<unknown> = new Set([
  'CONCURRENT_TRANSACTIONS',
  'COORDINATOR_LOAD_IN_PROGRESS',
  'GROUP_LOAD_IN_PROGRESS',
  'COORDINATOR_NOT_AVAILABLE',
  'GROUP_COORDINATOR_NOT_AVAILABLE',
  'NOT_COORDINATOR',
  'NOT_COORDINATOR_FOR_GROUP',
  'UNKNOWN_TOPIC_OR_PARTITION',
  'NOT_LEADER_FOR_PARTITION',
  'LEADER_NOT_AVAILABLE',
]);

interface KafkajsFailure {
  readonly name?: unknown;
  readonly type?: unknown;
  readonly cause?: unknown;
}

/** kafkajs gives up looking for a coordinator, in an error of its own, while a new broker still makes its offsets topic. */
function isBusy(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { name, type, cause } = error as KafkajsFailure;
  if (busyTypes.has(type) || name === 'KafkaJSGroupCoordinatorNotFound') return true;
  return name === 'KafkaJSNumberOfRetriesExceeded' && isBusy(cause);
}

const firstDelayMs = 5;
const mostDelayMs = 100;

const sleep = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

/**
 * Repeats a request while the coordinator is busy, for at most `withinMs`. Any other error is thrown at once.
 *
 * @param request  is told the number of the attempt: from the second on it must look for the coordinator anew
 */
export async function retryBusy<Answer>(request: (attempt: number) => Promise<Answer>, withinMs: number): Promise<Answer> {
  const startedMs = performance.now();
  for (let attempt = 1, delayMs = firstDelayMs; ; attempt++) {
    try {
      return await request(attempt);
    } catch (error) {
      if (!isBusy(error) || performance.now() - startedMs >= withinMs) throw error;
      await sleep(delayMs);
      delayMs = Math.min(mostDelayMs, delayMs * 2);
    }
  }
}
