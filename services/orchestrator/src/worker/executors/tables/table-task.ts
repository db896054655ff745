import type { SkipLimit } from '@vigil/batch';
import { VigilError } from '@vigil/core';
import { loadDefinition, sourcesSchema, type TaskDefinition } from '@vigil/definitions';
import { isTableSource, type TableSourceDefinition } from '@vigil/sources';

/** A task that extracts a table or feed. */
export type TableTask = Extract<TaskDefinition, { type: 'batch' }> & { readonly table: string };

export const isTableTask = (spec: TaskDefinition): spec is TableTask => spec.type === 'batch' && spec.table !== undefined;

/** The source of a task as `workflows/sources.yaml` says it now. @throws VigilError BAD_DEFINITION where it has no tables */
export function sourceOf(file: string, { source }: TableTask): TableSourceDefinition {
  const definition = loadDefinition(file, sourcesSchema).sources[source];
  if (definition === undefined) throw new VigilError('BAD_DEFINITION', { detail: `There is no source ${source} in ${file}.` });
  if (!isTableSource(definition)) throw new VigilError('BAD_DEFINITION', { detail: `Source ${source} holds no tables.` });
  return definition;
}

/** The task's own limit, else that of its source; a bound that is not told does not bind. */
export function skipLimitOf({ limits }: TableTask, source: TableSourceDefinition): SkipLimit | null {
  const written = limits?.skip_limit ?? source.limits?.skip_limit;
  return written === undefined ? null : { count: written.count ?? Number.MAX_SAFE_INTEGER, ratio: written.ratio ?? 1 };
}
