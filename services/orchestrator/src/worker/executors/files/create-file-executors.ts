import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createFileLedger,
  createOutputBook,
  extractFiles,
  forgetCheckpoints,
  openCheckpoints,
  type ExtractResult,
  type FileContent,
  type SkipLimit,
} from '@vigil/batch';
import { topics } from '@vigil/contracts';
import { loadDefinition, sourcesSchema, type TaskDefinition } from '@vigil/definitions';
import { VigilError } from '@vigil/core';
import { createYieldToLive, openObservedLags } from '@vigil/kafka';
import { createReferenceResolver, fileSourceOptions, isFileSource, openFileSource, type FileSourceDefinition } from '@vigil/sources';
import type { TaskResult } from '@vigil/workflows';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutorDeps } from '../../executor-deps.ts';
import { acknowledgementsTo } from './acknowledgement-files.ts';
import { createTargets, feedFor } from './file-targets.ts';
import { timeOfBackfill } from './time-of-backfill.ts';
import type { Executor, FindExecutor, TaskExecution } from '../../executor.ts';
import { createScoreKeeper } from '../reports/keep-scores.ts';
import { qualityLimitsOf } from '../reports/quality-limits.ts';
import { defaultWorkflowsDir } from '../../worker-settings.ts';

type FileTask = Extract<TaskDefinition, { type: 'batch' }> & { readonly file_pattern: string };

const isFileTask = (spec: TaskDefinition): spec is FileTask => spec.type === 'batch' && spec.file_pattern !== undefined;

/** Files of one attempt that are under way at once where the task does not say: while one waits for the broker, others are read. */
const usualAtOnce = 16;

/** The source as the task wants it read: a form that it names goes before that of the source. */
function sourceOf(file: string, { source, format }: FileTask): FileSourceDefinition {
  const definition = loadDefinition(file, sourcesSchema).sources[source];
  if (definition === undefined) throw new VigilError('BAD_DEFINITION', { detail: `There is no source ${source} in ${file}.` });
  if (!isFileSource(definition)) throw new VigilError('BAD_DEFINITION', { detail: `Source ${source} holds no files.` });
  return { ...definition, ...(format !== undefined && { format }) };
}

type Written = { readonly count?: number | undefined; readonly ratio?: number | undefined } | undefined;

/** The task's own limit, else that of its source; a bound that is not told does not bind. */
const skipLimitOf = ({ limits }: FileTask, source: FileSourceDefinition): SkipLimit | null => {
  const written: Written = limits?.skip_limit ?? source.limits?.skip_limit;
  return written === undefined ? null : { count: written.count ?? Number.MAX_SAFE_INTEGER, ratio: written.ratio ?? 1 };
};

/** Where the records of a content go. */
const topicOf: Readonly<Record<Exclude<FileContent, 'rows'>, string>> = {
  claims: topics.claimReceived.name,
  visits: topics.visitRecorded.name,
  trial_outcomes: topics.outcomeRecorded.name,
  readings: topics.vitalsReadingReceived.name,
  patients: topics.patientsRecordReceived.name,
};
/** Files that lineage names, so that a result of many stays small. */
const mostTold = 200;

interface Extracted {
  readonly source: string;
  readonly content: FileContent;
  /** Table that rows went into; null = records went to the topic of their kind. */
  readonly table: string | null;
  /** Records by topic, over all attempts: what the stage behind must account for. */
  readonly outputs: Readonly<Record<string, number>>;
}

/** Where it went, as lineage and the stage behind are told. */
function wentTo({ counts }: ExtractResult, { content, table, outputs }: Extracted) {
  if (content === 'rows' || table !== null) return { to: { kind: 'table', name: table ?? '', rows: counts.written }, outputs };
  const topic = topicOf[content];
  return { to: { kind: 'topic', name: topic, rows: counts.read - counts.rejected }, outputs: { [topic]: 0, ...outputs } };
}

function resultOf(result: ExtractResult, extracted: Extracted): TaskResult {
  const { counts, fileIds, quarantinedIds, heldIds } = result;
  const { to, outputs } = wentTo(result, extracted);
  const inputs = fileIds.slice(0, mostTold).map((fileId) => ({ kind: 'file', name: `${extracted.source}/${fileId}` }));
  return {
    counts: { ...counts, held: heldIds.length },
    values: {
      outputs,
      file_ids: fileIds,
      quarantined_file_ids: quarantinedIds,
      ...(heldIds.length > 0 && { held_file_ids: heldIds }),
      lineage: { inputs, outputs: [to] },
    },
    ref: null,
  };
}

/**
 * `type: batch` with `file_pattern`: the files of the source that match and are whole go into topics, or into the table that
 * the task names, each once.
 * What they stand for, from whom and where: `workflows/sources.yaml`, read anew by each attempt.
 */
export function createFileExecutors(
  deps: ExecutorDeps,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): FindExecutor {
  const { client, registry, database, keys, clock, settings, onClose, onTrouble } = deps;
  const ledger = createFileLedger(database);
  const outputs = createOutputBook(database);
  const checkpoints = openCheckpoints({ client, registry });
  onClose('checkpoints of files', () => checkpoints.close());
  const observed = openObservedLags(client, registry);
  onClose('observed lags', () => observed.close());
  const resolve = createReferenceResolver(environment);
  const sourcesFile = join(settings.workflowsDir ?? defaultWorkflowsDir, 'sources.yaml');
  const keepScores = createScoreKeeper(deps);
  const targetOf = createTargets(deps);
  const stagingDirectory = settings.stagingDir ?? join(tmpdir(), 'vigil-staging');

  const run = async ({ request, spec, signal, progress, log }: TaskExecution): Promise<TaskResult> => {
    const task = spec as FileTask;
    const definition = sourceOf(sourcesFile, task);
    const target = targetOf(task, definition);
    const feed = feedFor(task, definition, target);
    const source = openFileSource(fileSourceOptions(task.source, definition, resolve));
    const { runId, batchId, part, epoch, traceparent } = request;
    const quality = task.quality ?? definition.quality;
    const yieldToLive = createYieldToLive({ observed, clock, sleep });
    try {
      const result = await extractFiles({
        source,
        feed,
        target,
        pattern: task.file_pattern,
        pollMs: definition.poll,
        atOnce: task.partitions ?? usualAtOnce,
        holder: { runId, batchId, task: request.task, part, epoch },
        rules: { tokenKey: keys.token, dataKey: keys.data, random: randomBytes, startedAtMs: clock.now() },
        skipLimit: skipLimitOf(task, definition),
        traceparent,
        signal,
        ledger,
        outputs,
        job: { client, registry, clock, checkpoints, yieldToLive },
        stagingDirectory,
        keepScores,
        qualityLimits: qualityLimitsOf(quality),
        timelyWithinMs: quality?.timely_within ?? null,
        aboutMs: await timeOfBackfill(database, runId),
        progress: (counts) => progress({ ...counts }),
        ...acknowledgementsTo(source, definition.acknowledgements),
      });
      // What it puts off, the next extraction of the source does.
      await forgetCheckpoints({ ledger, checkpoints, client, source: task.source }).catch(onTrouble);
      const { files, quarantined, duplicates, waiting } = result.counts;
      log(`${files} files loaded, ${duplicates} known already, ${quarantined} put aside, ${waiting} not whole yet`);
      const [held] = result.heldIds;
      if (held !== undefined)
        log(
          `${result.heldIds.length} files are below their limit of quality and wait for a person: vigil files show ${held}, vigil files requeue`,
        );
      const written = await outputs.sum(batchId, request.task);
      return resultOf(result, { source: task.source, content: feed.content, table: target?.dataset ?? null, outputs: written });
    } finally {
      await source.close();
    }
  };
  const executor: Executor = { run };
  return ({ spec }) => (isFileTask(spec) ? executor : undefined);
}
