import { feedOfSource, tableTargetOf, type FileFeed, type TableTarget } from '@vigil/batch';
import { VigilError } from '@vigil/core';
import type { TaskDefinition } from '@vigil/definitions';
import { createPool } from '@vigil/postgres';
import type { FileSourceDefinition } from '@vigil/sources';
import type { ExecutorDeps } from '../../executor-deps.ts';

type Loading = Pick<Extract<TaskDefinition, { type: 'batch' }>, 'source' | 'destination' | 'columns'>;
type Definition = Pick<FileSourceDefinition, 'records'>;

/** The table that a task loads files into; undefined = their records go to the topic of their kind. */
export type TargetOf = (task: Loading, definition: Definition) => TableTarget | undefined;

/** Connections to the warehouse with the rights of `vigil_worker`, opened by the first task that needs them. */
export function createTargets({ settings, onClose }: Pick<ExecutorDeps, 'settings' | 'onClose'>): TargetOf {
  let pool: TableTarget['pool'] | undefined;
  const warehouse = (): TableTarget['pool'] => {
    if (pool) return pool;
    const opened = createPool({ url: settings.warehouseUrl, applicationName: 'orchestrator-worker loads', role: 'vigil_worker' });
    onClose('warehouse that files are loaded into', () => opened.end());
    return (pool = opened);
  };
  return ({ source, destination, columns }, { records }) => {
    if ((records === 'rows') !== (destination !== undefined))
      throw new VigilError('BAD_DEFINITION', {
        detail: `Source ${source} holds ${records}: ${records === 'rows' ? 'its task names a table as destination' : 'only rows go into a table'}.`,
      });
    return destination === undefined ? undefined : tableTargetOf({ destination, columns }, warehouse());
  };
}

/** How the files are read: of those for a table, the columns that the task maps must be there. */
export function feedFor({ source }: Loading, definition: FileSourceDefinition, target: TableTarget | undefined): FileFeed {
  const feed = feedOfSource(source, definition);
  if (!target) return feed;
  return { ...feed, csv: { ...feed.csv, required: target.columns.map(({ from }) => from) } };
}
