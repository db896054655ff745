import type { TaskReported } from '@vigil/contracts';
import { hashId, type ErrorKind } from '@vigil/core';
import type { StageHealth, TaskResult } from '@vigil/workflows';
import type { StepInput, UntimedInput } from './run-store.ts';

const failureKinds: ReadonlySet<string> = new Set<ErrorKind>([
  'poison',
  'transient',
  'dependency',
  'auth',
  'config',
  'fenced',
  'fatal',
  'usage',
]);
const healths: ReadonlySet<string> = new Set<StageHealth>(['ok', 'behind', 'stalled', 'stopped', 'imbalance']);
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Null where the text is no result. */
function readResult({ result, resultRef, counts }: TaskReported): TaskResult | null {
  if (result === '') return { counts, values: {}, ref: resultRef };
  try {
    const read = JSON.parse(result) as Partial<TaskResult> | null;
    return { counts: { ...counts, ...read?.counts }, values: read?.values ?? {}, ref: resultRef ?? read?.ref ?? null };
  } catch {
    return null;
  }
}

function readInput(report: TaskReported): UntimedInput | null {
  const { kind, task, part, epoch, attempt, worker, counts, health, errorCode, errorClass, detail } = report;
  const about = { task, part, epoch };
  switch (kind) {
    case 'started':
      return { kind, ...about, attempt, worker };
    case 'progressed':
      return { kind, ...about, counts, health: health !== null && healths.has(health) ? (health as StageHealth) : null };
    case 'succeeded': {
      const result = readResult(report);
      return result && { kind, ...about, result };
    }
    case 'failed': {
      const failure = failureKinds.has(errorClass) ? (errorClass as ErrorKind) : 'fatal';
      return { kind, ...about, error: { code: errorCode || 'UNKNOWN', kind: failure, detail } };
    }
    case 'cancelled':
      return { kind: 'stopped', ...about };
    default:
      return null;
  }
}

const longestId = 500;

/** What is remembered of a message must fit into an index. */
const idOf = ({ messageId }: TaskReported): string | null =>
  messageId.length > longestId ? hashId('report', messageId) : messageId || null;

/** What a report of a worker means to its run; null = nothing: of no known kind, or unreadable. */
export function reportToInput(report: TaskReported): StepInput | null {
  const input = uuid.test(report.runId) ? readInput(report) : null;
  return input && { runId: report.runId, messageId: idOf(report), input };
}
