import { createHmac, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  createDailyMapper,
  createOutputBook,
  createRowState,
  createSlotBook,
  createTableMapper,
  createTableProfile,
  openCheckpoints,
  slotOf,
} from '@vigil/batch';
import { createYieldToLive, openObservedLags } from '@vigil/kafka';
import { createReferenceResolver, type TableReading } from '@vigil/sources';
import type { TaskResult } from '@vigil/workflows';
import type { ExecutorDeps } from '../../executor-deps.ts';
import type { Executor, FindExecutor, TaskExecution } from '../../executor.ts';
import { readContinuous } from '../../stages/schedule-of.ts';
import { defaultWorkflowsDir } from '../../worker-settings.ts';
import { createTableScoreKeeper } from '../reports/keep-scores.ts';
import { partExtractor } from './extract-part.ts';
import { createKeySeal } from './key-seal.ts';
import { runParts } from './run-parts.ts';
import { createTableTeller } from './table-teller.ts';
import { isTableTask, skipLimitOf, sourceOf, type TableTask } from './table-task.ts';

type Live = Pick<TaskExecution, 'log'> & { readonly runId: string; readonly until: TableReading['until'] };

/**
 * `type: batch` with `table`: what is new or changed in a table or feed goes into topics, each row once; in a continuous workflow
 * a table of a source of kind cdc is followed until the run is cancelled. Where it is and how changes are found:
 * `workflows/sources.yaml`, read anew by each attempt.
 */
export function createTableExecutors(
  deps: ExecutorDeps,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): FindExecutor {
  const { client, registry, database, keys, clock, settings, onClose, onTrouble } = deps;
  const checkpoints = openCheckpoints({ client, registry });
  onClose('checkpoints of tables', () => checkpoints.close());
  const observed = openObservedLags(client, registry);
  onClose('observed lags', () => observed.close());
  const resolve = createReferenceResolver(environment);
  const state = createRowState(database);
  const outputs = createOutputBook(database);
  const keepScores = createTableScoreKeeper(deps);
  const slots = createSlotBook(database);
  const continuousEveryMs = readContinuous(database);
  const sourcesFile = join(settings.workflowsDir ?? defaultWorkflowsDir, 'sources.yaml');
  /** Hashes of rows stand in a topic and a table: without the key nobody can compare them with rows. */
  const saltOf = (name: string): string => createHmac('sha256', keys.token.secret).update(`table ${name}`).digest('hex').slice(0, 32);

  const readingOf = ({ source, table, snapshot }: TableTask, { runId, until, log }: Live): TableReading => ({
    source,
    table,
    resolve,
    state,
    salt: saltOf(`${source}.${table}`),
    seal: createKeySeal(keys.data, `${source}.${table}`, onTrouble),
    scan: runId,
    until,
    onLost: snapshot === 'again' ? 'snapshot' : 'refuse',
    clock,
    sleep: (ms, stop) => sleep(ms, undefined, { signal: stop }),
    onNotice: log,
  });

  const extract = async ({ request, spec, signal, progress, log }: TaskExecution): Promise<TaskResult> => {
    const task = spec as TableTask;
    const definition = sourceOf(sourcesFile, task);
    const { runId, batchId, traceparent, requestedAt, workflow, version } = request;
    const everyMs = definition.kind === 'cdc' ? await continuousEveryMs(workflow, version) : null;
    const reading = readingOf(task, { runId, until: everyMs === null ? 'caught-up' : 'signal', log });
    const rules = { tokenKey: keys.token, dataKey: keys.data, random: randomBytes, source: task.source, fileId: '' };
    const mapperAt = (startedAtMs: number) => createTableMapper(definition.records, { ...rules, startedAtMs });
    const createMapper = () => createDailyMapper(mapperAt, () => clock.now());
    const { writes } = createMapper();
    const profile = createTableProfile(definition.records);
    if (definition.kind === 'cdc') await slots.note(slotOf(definition, task));
    const teller = createTableTeller(progress, everyMs);
    const run = partExtractor({
      definition,
      reading,
      options: {
        createMap: () => profile.observed(createMapper().map),
        writes,
        sourceName: task.source,
        // The job outlives runs, and epochs count within one: when it was dispatched tells which attempt is the later.
        holder: { runId, batchId, task: request.task, epoch: requestedAt },
        outputs,
        skipLimit: skipLimitOf(task, definition),
        traceparent,
      },
      ports: { client, registry, clock, checkpoints, yieldToLive: createYieldToLive({ observed, clock, sleep }) },
      onOpen: (source) => teller.opened(source),
    });
    try {
      const counts = await runParts({ of: task.partitions ?? 1, signal, progress: (sum) => teller.counted(sum), run });
      await keepScores({ table: `${task.source}.${task.table}`, runId }, profile.scores());
      log(`${counts.read} rows are new or changed, ${counts.rejected} of them rejected`);
      const written = Object.fromEntries(writes.map(({ name }) => [name, 0]));
      return { counts: { ...counts }, values: { outputs: { ...written, ...(await outputs.sum(batchId, request.task)) } }, ref: null };
    } finally {
      teller.stop();
    }
  };
  // Another attempt goes on from what this one has committed; a reader that does not end must not hold its worker up.
  const executor: Executor = { isResumable: true, run: extract };
  return ({ spec }) => (isTableTask(spec) ? executor : undefined);
}
