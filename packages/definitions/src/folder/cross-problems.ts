import { didYouMean } from '../did-you-mean.ts';
import { batchFits } from './batch-fits.ts';
import type { PoolsFile } from '../pools/pools-schema.ts';
import type { NamedSchedule, SchedulesFile } from '../schedules/schedules-schema.ts';
import type { SourcesFile } from '../sources/sources-schema.ts';
import type { ScheduleDefinition } from '../workflow/schedule-schema.ts';
import { schedulesOf, type WorkflowDefinition } from '../workflow/workflow-schema.ts';

export interface FolderContents {
  readonly definitions: readonly { readonly file: string; readonly value: WorkflowDefinition }[];
  readonly schedules: readonly { readonly file: string; readonly value: SchedulesFile }[];
  /** Null where there is no such file: then nothing is said about it. */
  readonly sources: SourcesFile['sources'] | null;
  readonly pools: PoolsFile['pools'] | null;
  /** Names of the topics that there are; null = nothing is said about them. */
  readonly topics: readonly string[] | null;
}

type Path = readonly (string | number)[];
export interface CrossProblem {
  readonly file: string;
  readonly path: Path;
  readonly message: string;
}
type Found = Omit<CrossProblem, 'file'>;

const fileSources: readonly string[] = ['local', 'sftp', 's3'];

interface Known {
  readonly workflows: ReadonlyMap<string, WorkflowDefinition>;
  readonly sources: FolderContents['sources'];
  readonly pools: FolderContents['pools'];
  readonly topics: FolderContents['topics'];
}

const missing = (what: string, name: string, names: Iterable<string>, path: Path): Found => ({
  path,
  message: `no ${what} is named ${name}${didYouMean(name, [...names])}`,
});

const workflowProblem = ({ workflows }: Known, name: string, path: Path): Found[] =>
  workflows.has(name) ? [] : [missing('workflow', name, workflows.keys(), path)];

/** @param kinds  that the source may be of */
function sourceProblem({ sources }: Known, name: string, kinds: readonly string[], path: Path): Found[] {
  if (sources === null) return [];
  const source = Object.hasOwn(sources, name) ? sources[name] : undefined;
  if (source === undefined) return [missing('source', name, Object.keys(sources), path)];
  return kinds.includes(source.kind)
    ? []
    : [{ path, message: `the source ${name} is of kind ${source.kind}, expected ${kinds.join(', ')}` }];
}

const topicProblem = ({ topics }: Known, name: string, path: Path): Found[] =>
  topics === null || topics.includes(name) ? [] : [missing('topic', name, topics, path)];

type Task = WorkflowDefinition['tasks'][number];

function batchProblems(known: Known, task: Extract<Task, { type: 'batch' }>): Found[] {
  const kinds = task.file_pattern === undefined ? ['sql', 'cdc', 'http'] : fileSources;
  const problems = sourceProblem(known, task.source, kinds, ['source']);
  const source = known.sources?.[task.source];
  return problems.length > 0 || source === undefined ? problems : batchFits(task, source);
}

function taskSourceProblems(known: Known, task: Task): Found[] {
  if (task.type === 'streaming') return sourceProblem(known, task.source, ['stream'], ['source']);
  return task.type === 'batch' ? batchProblems(known, task) : [];
}

/** A task that is heavier than its whole pool would wait for ever. */
function weightProblems({ pools }: Known, task: Task): Found[] {
  if (pools === null || !('weight' in task) || task.weight === undefined) return [];
  const { weight, pool: own } = task;
  const heavierThan = (pool: keyof typeof pools): Found[] =>
    (['slots', 'cpu', 'memory', 'io'] as const)
      .filter((field) => weight[field] > pools[pool][field])
      .map((field) => ({ path: ['weight', field], message: `${field} is more than the whole pool ${pool} has: ${pools[pool][field]}` }));
  return heavierThan(own ?? (task.type === 'batch' ? 'batch' : 'default'));
}

const taskProblems = (known: Known, task: Task): Found[] => [
  ...taskSourceProblems(known, task),
  ...weightProblems(known, task),
  ...(task.type === 'workflow' ? workflowProblem(known, task.workflow, ['workflow']) : []),
];

function scheduleProblems(known: Known, schedule: ScheduleDefinition): Found[] {
  if (schedule.type === 'upstream') return workflowProblem(known, schedule.workflow, ['workflow']);
  if (schedule.type === 'event') return topicProblem(known, schedule.topic, ['topic']);
  return schedule.type === 'file' ? sourceProblem(known, schedule.source, fileSources, ['source']) : [];
}

const below = (prefix: Path, found: readonly Found[]): Found[] =>
  found.map(({ path, message }) => ({ path: [...prefix, ...path], message }));

function definitionProblems(known: Known, definition: WorkflowDefinition): Found[] {
  const schedules = schedulesOf(definition).flatMap((schedule, at) =>
    below(definition.schedule ? ['schedule'] : ['schedules', at], scheduleProblems(known, schedule)),
  );
  const dependencies = definition.dependencies.flatMap((name, at) => workflowProblem(known, name, ['dependencies', at]));
  return [...schedules, ...dependencies, ...definition.tasks.flatMap((task, at) => below(['tasks', at], taskProblems(known, task)))];
}

/** Parameters of a schedule's runs that the workflow does not take. */
function givenProblems(known: Known, { workflow, parameters }: NamedSchedule): Found[] {
  const declared = known.workflows.get(workflow)?.parameters ?? {};
  if (Object.keys(declared).length === 0) return [];
  return Object.entries(parameters).flatMap(([name, value]): Found[] => {
    const type = Object.hasOwn(declared, name) ? declared[name]?.type : undefined;
    if (type === undefined) return [missing(`parameter of ${workflow}`, name, Object.keys(declared), ['parameters', name])];
    return typeof value === type ? [] : [{ path: ['parameters', name], message: `expected a ${type}` }];
  });
}

const entryProblems = (known: Known, { schedules }: SchedulesFile): Found[] =>
  schedules.flatMap((entry, at) =>
    below(
      ['schedules', at],
      [
        ...workflowProblem(known, entry.workflow, ['workflow']),
        ...givenProblems(known, entry),
        ...below(['schedule'], scheduleProblems(known, entry.schedule)),
      ],
    ),
  );

const startedBy = ({ tasks }: WorkflowDefinition): string[] => tasks.flatMap((task) => (task.type === 'workflow' ? [task.workflow] : []));

/** Workflows from which a way leads back to themselves. */
function inCircle({ definitions }: FolderContents, next: (definition: WorkflowDefinition) => readonly string[]) {
  const ways = new Map(definitions.map(({ value }) => [value.name, next(value)]));
  return definitions.filter(({ value }) => {
    const reached = new Set(ways.get(value.name));
    for (const name of reached) for (const further of ways.get(name) ?? []) reached.add(further);
    return reached.has(value.name);
  });
}

/** Workflows that run one another in a circle would run for ever; those that wait for one another would never begin. */
const circleProblems = (contents: FolderContents): CrossProblem[] => [
  ...inCircle(contents, startedBy).map(({ file, value }) => ({
    file,
    path: ['tasks'],
    message: `${value.name} runs itself by way of other workflows`,
  })),
  ...inCircle(contents, ({ dependencies }) => dependencies)
    // What depends on itself directly was told with its line.
    .filter(({ value }) => !value.dependencies.includes(value.name))
    .map(({ file, value }) => ({ file, path: ['dependencies'], message: `${value.name} waits for itself by way of other workflows` })),
];

function repeatedNames({ definitions }: FolderContents): CrossProblem[] {
  const seen = new Map<string, string>();
  return definitions.flatMap(({ file, value: { name } }) => {
    const first = seen.get(name);
    if (first !== undefined) return [{ file, path: ['name'], message: `${first} already defines ${name}` }];
    seen.set(name, file);
    return [];
  });
}

/** What files of `workflows/` say of one another that is not so. */
export function crossProblems(contents: FolderContents): CrossProblem[] {
  const known: Known = { ...contents, workflows: new Map(contents.definitions.map(({ value }) => [value.name, value])) };
  const inFile = (file: string, found: readonly Found[]): CrossProblem[] => found.map((each) => ({ file, ...each }));
  return [
    ...repeatedNames(contents),
    ...circleProblems(contents),
    ...contents.definitions.flatMap(({ file, value }) => inFile(file, definitionProblems(known, value))),
    ...contents.schedules.flatMap(({ file, value }) => inFile(file, entryProblems(known, value))),
  ];
}
