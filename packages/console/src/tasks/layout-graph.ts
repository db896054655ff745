import type { PlannedTask, TaskRun } from '../generated/api-types.ts';
import { summariseTasks, type TaskSummary } from './summarise-tasks.ts';

/** Size of a task in the graph; pixels. */
export const taskSize = { width: 192, height: 60 } as const;

export interface TaskGraph {
  readonly tasks: readonly TaskSummary[];
  readonly edges: readonly { readonly id: string; readonly from: string; readonly to: string }[];
}

/** The tasks of a plan with what a run made of them; a task that the run has no row of waits. */
export function graphOf(planned: readonly PlannedTask[], tasks: readonly TaskRun[]): TaskGraph {
  const known = new Map(summariseTasks(tasks).map((summary) => [summary.task, summary]));
  const names = new Set(planned.map(({ name }) => name));
  const waiting = { state: 'waiting', attempt: 0, parts: 0, partsOver: 0 } as const;
  return {
    tasks: planned.map(({ name, type }) => known.get(name) ?? { task: name, type, ...waiting }),
    edges: planned.flatMap(({ name, dependsOn }) =>
      dependsOn.filter((from) => names.has(from)).map((from) => ({ id: `${from}>${name}`, from, to: name })),
    ),
  };
}

/** The graph as the layout program takes it: layers from left to right, in the plan's order where it is free. */
export const toElk = ({ tasks, edges }: TaskGraph) => ({
  id: 'run',
  layoutOptions: {
    'elk.algorithm': 'layered',
    'elk.direction': 'RIGHT',
    'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
    'elk.layered.spacing.nodeNodeBetweenLayers': '40',
    'elk.spacing.nodeNode': '24',
  },
  children: tasks.map(({ task }) => ({ id: task, ...taskSize })),
  edges: edges.map(({ id, from, to }) => ({ id, sources: [from], targets: [to] })),
});

export interface Place {
  readonly x: number;
  readonly y: number;
}

/** Where the layout program put each task; pixels. */
export const placesOf = (laid: {
  readonly children?: readonly { readonly id: string; readonly x?: number; readonly y?: number }[];
}): ReadonlyMap<string, Place> => new Map((laid.children ?? []).map(({ id, x = 0, y = 0 }) => [id, { x, y }]));

/** What the layout depends on: it is not made again when only states change. */
export const shapeKey = ({ tasks, edges }: TaskGraph): string => JSON.stringify([tasks.map(({ task }) => task), edges.map(({ id }) => id)]);
