import { createHmac, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  createOutputBook,
  createRowState,
  createTableMapper,
  createTableProfile,
  extractTable,
  openCheckpoints,
  type SkipLimit,
} from '@vigil/batch';
import { VigilError } from '@vigil/core';
import { loadDefinition, sourcesSchema, type TaskDefinition } from '@vigil/definitions';
import { createYieldToLive, openObservedLags } from '@vigil/kafka';
import { createReferenceResolver, isTableSource, openTableSource, type TableSourceDefinition } from '@vigil/sources';
import type { TaskResult } from '@vigil/workflows';
import type { ExecutorDeps } from '../../executor-deps.ts';
import type { Executor, FindExecutor, TaskExecution } from '../../executor.ts';
import { createTableScoreKeeper } from '../reports/keep-scores.ts';
import { defaultWorkflowsDir } from '../../worker-settings.ts';

type TableTask = Extract<TaskDefinition, { type: 'batch' }> & { readonly table: string };

const isTableTask = (spec: TaskDefinition): spec is TableTask => spec.type === 'batch' && spec.table !== undefined;

function sourceOf(file: string, { source }: TableTask): TableSourceDefinition {
  const definition = loadDefinition(file, sourcesSchema).sources[source];
  if (definition === undefined) throw new VigilError('BAD_DEFINITION', { detail: `There is no source ${source} in ${file}.` });
  if (!isTableSource(definition)) throw new VigilError('BAD_DEFINITION', { detail: `Source ${source} holds no tables.` });
  return definition;
}

/** The task's own limit, else that of its source; a bound that is not told does not bind. */
function skipLimitOf({ limits }: TableTask, source: TableSourceDefinition): SkipLimit | null {
  const written = limits?.skip_limit ?? source.limits?.skip_limit;
  return written === undefined ? null : { count: written.count ?? Number.MAX_SAFE_INTEGER, ratio: written.ratio ?? 1 };
}

/**
 * `type: batch` with `table`: what is new or changed in a table or feed goes into topics, each row once. Where it is and
 * how changes are found: `workflows/sources.yaml`, read anew by each attempt.
 */
export function createTableExecutors(
  deps: ExecutorDeps,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): FindExecutor {
  const { client, registry, database, keys, clock, settings, onClose } = deps;
  const checkpoints = openCheckpoints({ client, registry });
  onClose('checkpoints of tables', () => checkpoints.close());
  const observed = openObservedLags(client, registry);
  onClose('observed lags', () => observed.close());
  const resolve = createReferenceResolver(environment);
  const state = createRowState(database);
  const outputs = createOutputBook(database);
  const keepScores = createTableScoreKeeper(deps);
  const sourcesFile = join(settings.workflowsDir ?? defaultWorkflowsDir, 'sources.yaml');
  /** Hashes of rows stand in a topic and a table: without the key nobody can compare them with rows. */
  const saltOf = (name: string): string => createHmac('sha256', keys.token.secret).update(`table ${name}`).digest('hex').slice(0, 32);

  const run = async ({ request, spec, signal, progress, log }: TaskExecution): Promise<TaskResult> => {
    const task = spec as TableTask;
    const definition = sourceOf(sourcesFile, task);
    const { runId, batchId, traceparent, requestedAt } = request;
    const rules = {
      tokenKey: keys.token,
      dataKey: keys.data,
      random: randomBytes,
      source: task.source,
      fileId: '',
      startedAtMs: clock.now(),
    };
    const mapper = createTableMapper(definition.records, rules);
    const profile = createTableProfile(definition.records, mapper.map);
    const source = openTableSource(definition, {
      source: task.source,
      table: task.table,
      resolve,
      state,
      salt: saltOf(`${task.source}.${task.table}`),
      scan: runId,
      onLost: task.snapshot === 'again' ? 'snapshot' : 'refuse',
      clock,
      sleep: (ms, stop) => sleep(ms, undefined, { signal: stop }),
      onNotice: log,
    });
    try {
      const { wasDone: _, ...counts } = await extractTable(
        {
          ...mapper,
          map: profile.map,
          source,
          sourceName: task.source,
          // The job outlives runs, and epochs count within one: when it was dispatched tells which attempt is the later.
          holder: { runId, batchId, task: request.task, epoch: requestedAt },
          outputs,
          skipLimit: skipLimitOf(task, definition),
          traceparent,
          signal,
          onCommitted: (chunk) => progress({ ...chunk.counts }),
        },
        { client, registry, clock, checkpoints, yieldToLive: createYieldToLive({ observed, clock, sleep }) },
      );
      await keepScores({ table: `${task.source}.${task.table}`, runId }, profile.scores());
      log(`${counts.read} rows are new or changed, ${counts.rejected} of them rejected`);
      const written = Object.fromEntries(mapper.writes.map(({ name }) => [name, 0]));
      return { counts: { ...counts }, values: { outputs: { ...written, ...(await outputs.sum(batchId, request.task)) } }, ref: null };
    } finally {
      await source.close();
    }
  };
  const executor: Executor = { run };
  return ({ spec }) => (isTableTask(spec) ? executor : undefined);
}
