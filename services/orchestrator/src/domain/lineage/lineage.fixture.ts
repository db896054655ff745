import { decide, type RunInput, type RunPlan, type RunState, type TaskResult } from '@vigil/workflows';
import { aPlan } from '../../../../../packages/workflows/src/plan/plan.fixture.ts';
import type { RunEvent } from './run-event.ts';
import { lineageOfStep } from './tell-lineage.ts';

export const namespaces = { jobs: 'vigil', kafka: 'kafka://k:9092', postgres: 'postgres://p:5432' };
export const runId = '0191d0c1-0000-7000-8000-000000000001';
export const plan = aPlan([
  { name: 'extract', type: 'batch', spec: { source: 'ehr_sftp', file_pattern: 'visits_*.csv' }, retry: { attempts: 1, delayMs: 1000, backoff: 'fixed', maxDelayMs: 1000, jitter: 0, classes: ['transient'] } },
  { name: 'ask', type: 'approval', dependsOn: ['extract'] },
]); // prettier-ignore

export const started = { kind: 'started', attempt: 1, worker: 'w1' };
export const failed = (kind: string) => ({
  kind: 'failed',
  error: { code: 'SOURCE_AWAY', kind, detail: 'The source does not answer.' },
});
/** Tells of every kind of dataset, with all that can be told of one. */
export const result: TaskResult = {
  counts: { written: 2 },
  values: {
    lineage: {
      inputs: [{ kind: 'file', name: 'ehr_sftp/f1', rows: 3, bytes: 99, columns: { patient_id: { nullCount: 1, count: 2 } } }],
      outputs: [{ kind: 'topic', name: 'ehr.visit.recorded.v1', rows: 2 }, { kind: 'table', name: 'vigil_warehouse.warehouse.fact_visit', rows: 2, bytes: 10 }, { kind: 'other' }, null],
    },
  },
  ref: null,
}; // prettier-ignore

export const beganAtMs = Date.UTC(2024, 2, 15, 0, 0, 1);
export const scheduledForMs = Date.UTC(2024, 2, 15);

export interface LineageRun {
  /** Gives the run an input, a second after the one before; `epoch` of the extract task is filled in. */
  readonly give: (input: Readonly<Record<string, unknown>>) => readonly RunEvent[];
  readonly begin: () => readonly RunEvent[];
  /** All events so far. */
  readonly told: readonly RunEvent[];
}

/** A run of the plan, with the lineage of its steps. */
export function aLineageRun(of: RunPlan = plan, scheduledFor: number | null = scheduledForMs): LineageRun {
  let state: RunState | null = null;
  let atMs = beganAtMs;
  const told: RunEvent[] = [];
  const give: LineageRun['give'] = (input) => {
    const epoch = state?.tasks['extract']?.parts[0]?.epoch ?? 0;
    const full = { atMs, task: 'extract', part: 0, epoch, ...input } as unknown as RunInput;
    atMs += 1000;
    const before = state;
    const step = decide(of, before, full);
    ({ state } = step);
    const events = lineageOfStep({ plan: of, input: full, before, step, scheduledForMs: scheduledFor }, namespaces);
    told.push(...events);
    return events;
  };
  return { give, begin: () => give({ kind: 'requested', runId, batchId: 'b', parameters: {} }), told };
}
