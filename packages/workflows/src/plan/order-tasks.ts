interface Named {
  readonly name: string;
  readonly depends_on: readonly string[];
}

/**
 * The tasks in an order in which each stands behind what it depends on, else in the order of the definition; linear in
 * tasks and edges. A definition that passed its schema has no circle; of one that has, tasks are missing.
 */
export function orderTasks<Task extends Named>(tasks: readonly Task[]): Task[] {
  const behind = new Map<string, Task[]>(tasks.map(({ name }) => [name, []]));
  const open = new Map<string, number>();
  for (const task of tasks) {
    const needs = new Set(task.depends_on);
    open.set(task.name, needs.size);
    for (const needed of needs) (behind.get(needed) as Task[]).push(task);
  }
  const ordered = tasks.filter(({ name }) => open.get(name) === 0);
  for (const { name } of ordered) {
    for (const task of behind.get(name) as Task[]) {
      const left = (open.get(task.name) as number) - 1;
      open.set(task.name, left);
      // Grows while it is walked: that is the walk.
      if (left === 0) ordered.push(task);
    }
  }
  return ordered;
}
