import { taskOf, type Draft } from './draft.ts';
import type { PartState } from './run-state.ts';
import type { Ignored } from './step.ts';

/** The part whose present attempt is meant, or why the input does not count. */
export function partMeant(
  draft: Draft,
  { task, part, epoch }: { readonly task: string; readonly part: number; readonly epoch: number },
): PartState | Ignored {
  if (!draft.index.taskByName.has(task)) return 'no-such-task';
  const state = taskOf(draft, task).parts[part];
  return state?.epoch === epoch ? state : 'stale-epoch';
}
