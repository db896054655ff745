import { didYouMean } from '../did-you-mean.ts';
import type { SourceDefinition } from '../sources/sources-schema.ts';
import type { TaskDefinition } from '../workflow/task-schemas.ts';

type BatchTask = Extract<TaskDefinition, { type: 'batch' }>;
interface Misfit {
  readonly path: readonly string[];
  readonly message: string;
}

/** Records about people go through the stream; rows about nobody have no topic. */
function destinationProblems({ destination, source: name }: BatchTask, { records }: SourceDefinition): Misfit[] {
  if (records === 'rows' && destination === undefined)
    return [{ path: [], message: `the source ${name} holds rows: expected the table that they go into as destination` }];
  if (records !== 'rows' && destination !== undefined)
    return [
      { path: ['destination'], message: `the source ${name} holds ${records}, which go through the stream; only rows go into a table` },
    ];
  return [];
}

function tableProblems({ table, source: name }: BatchTask, source: SourceDefinition): Misfit[] {
  if (table === undefined || !('tables' in source) || Object.hasOwn(source.tables, table)) return [];
  return [{ path: ['table'], message: `the source ${name} declares no table ${table}${didYouMean(table, Object.keys(source.tables))}` }];
}

/** A log has one order, and an API one sequence of pages. */
function partitionProblems({ table, partitions = 1, source: name }: BatchTask, { kind }: SourceDefinition): Misfit[] {
  if (table === undefined || partitions === 1 || kind === 'sql') return [];
  return [{ path: ['partitions'], message: `the source ${name} is of kind ${kind}, which is read in one order: expected 1 partition` }];
}

/** What a batch task asks of its source that it does not have. */
export const batchFits = (task: BatchTask, source: SourceDefinition): Misfit[] => [
  ...destinationProblems(task, source),
  ...tableProblems(task, source),
  ...partitionProblems(task, source),
];
