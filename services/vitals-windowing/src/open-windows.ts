/** How many patients have untold windows, over the tasks that this instance runs. */
export interface OpenWindows {
  count(partition: number, patients: number): void;
  /** A patient of the task got a first reading that was not told yet. */
  opened(partition: number): void;
  /** Sum over the tasks that were counted lately: a task that moved elsewhere is counted there. */
  total(): number;
}

const staleAfterMs = 10_000;

export function createOpenWindows(now: () => number): OpenWindows {
  const tasks = new Map<number, { patients: number; countedAt: number }>();
  return {
    count: (partition, patients) => void tasks.set(partition, { patients, countedAt: now() }),
    opened(partition) {
      const task = tasks.get(partition);
      if (task) task.patients++;
      else tasks.set(partition, { patients: 1, countedAt: now() });
    },
    total() {
      const since = now() - staleAfterMs;
      let sum = 0;
      for (const { patients, countedAt } of tasks.values()) if (countedAt >= since) sum += patients;
      return sum;
    },
  };
}
