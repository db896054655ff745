import type { ScheduleDefinition } from './schedule-schema.ts';
import { graphProblemsOf, type GraphProblem } from './task-graph.ts';
import { taskProblemsOf } from './task-problems.ts';
import type { TaskDefinition } from './task-schemas.ts';

interface Parameter {
  readonly type: string;
  readonly default?: unknown;
}

/** The part of a definition that rules between its fields are about. */
export interface CheckedWorkflow {
  readonly name: string;
  readonly schedule?: ScheduleDefinition | undefined;
  readonly schedules?: readonly ScheduleDefinition[] | undefined;
  readonly dependencies: readonly string[];
  readonly parameters: Readonly<Record<string, Parameter>>;
  readonly tasks: readonly TaskDefinition[];
}

function scheduleProblems({ schedule, schedules = [] }: CheckedWorkflow): GraphProblem[] {
  if (schedule && schedules.length > 0) return [{ path: ['schedules'], message: 'expected schedule or schedules, found both' }];
  const seen = new Set<string>();
  return schedules.flatMap((each, at) => {
    const name = each.name ?? each.type;
    if (seen.has(name)) return [{ path: ['schedules', at], message: `another schedule is already named ${name}; give it a name` }];
    seen.add(name);
    const alone = each.type === 'continuous' && schedules.length > 1;
    return alone ? [{ path: ['schedules', at], message: 'a continuous workflow has no other schedule: its run does not end' }] : [];
  });
}

const parameterProblems = ({ parameters }: CheckedWorkflow): GraphProblem[] =>
  Object.entries(parameters)
    .filter(([, parameter]) => parameter.default !== undefined && typeof parameter.default !== parameter.type)
    .map(([name, { type }]) => ({ path: ['parameters', name, 'default'], message: `the default of ${name} is not a ${type}` }));

/** A workflow that waits for or starts itself never ends. */
function selfProblems({ name, dependencies, tasks }: CheckedWorkflow): GraphProblem[] {
  const message = `${name} cannot need itself`;
  return [
    ...dependencies.flatMap((needed, at) => (needed === name ? [{ path: ['dependencies', at], message }] : [])),
    ...tasks.flatMap((task, at) =>
      task.type === 'workflow' && task.workflow === name ? [{ path: ['tasks', at, 'workflow'], message }] : [],
    ),
  ];
}

/** What is wrong between the fields of a definition. */
export const workflowProblemsOf = (workflow: CheckedWorkflow): GraphProblem[] => [
  ...scheduleProblems(workflow),
  ...parameterProblems(workflow),
  ...selfProblems(workflow),
  ...taskProblemsOf(workflow.tasks, Object.keys(workflow.parameters)),
  ...graphProblemsOf(workflow.tasks),
];
