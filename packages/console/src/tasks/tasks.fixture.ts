// Tasks and runs as the API shows them; what a test is about is given, the rest is of no matter.
import type { Run, RunDetail, TaskRun } from '../generated/api-types.ts';

/** An instant of one day, from its minutes, seconds and milliseconds: `at('00:02.500')`. */
export const at = (time: string): string => `2026-11-26T11:${time}Z`;

export const aTask = (task: string, state: TaskRun['state'], more: Partial<TaskRun> = {}): TaskRun => ({
  task,
  state,
  part: 0,
  partKey: '',
  type: 'transformation',
  pool: 'default',
  attempt: 0,
  blockedReason: null,
  blockedBy: null,
  worker: null,
  health: null,
  counts: {},
  error: null,
  childRunId: null,
  queuedAt: null,
  startedAt: null,
  endedAt: null,
  ...more,
});

export const aRun = (runId: string, status: Run['status'] = 'running'): Run => ({
  runId,
  status,
  workflow: 'claims',
  version: 1,
  trigger: 'api',
  scheduleId: null,
  scheduledFor: null,
  batchId: runId,
  parentRunId: null,
  parentTask: null,
  priority: 5,
  reason: null,
  requestedBy: 'ann',
  createdAt: at('00:00.000'),
  startedAt: null,
  endedAt: null,
});

export const aDetail = (runId: string, tasks: readonly TaskRun[], status: Run['status'] = 'running'): RunDetail => ({
  ...aRun(runId, status),
  parameters: {},
  triggerDetail: {},
  tasks,
});
