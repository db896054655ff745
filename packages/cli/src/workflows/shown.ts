/** What the commands read of the API's answers; docs/reference/orchestrator-api.openapi.json has all of it. */
export interface ShownRun {
  readonly runId: string;
  readonly workflow: string;
  readonly version: number;
  readonly status: string;
  readonly trigger: string;
  readonly scheduledFor: string | null;
  readonly parentRunId: string | null;
  readonly requestedBy: string;
  readonly reason: string | null;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
}

export interface ShownTask {
  readonly task: string;
  readonly part: number;
  readonly partKey: string;
  readonly state: string;
  readonly attempt: number;
  readonly health: string | null;
  readonly counts: Readonly<Record<string, number>>;
  readonly error: { readonly code: string; readonly detail: string } | null;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
}

export type TreeRun = ShownRun & { readonly depth: number; readonly tasks: readonly ShownTask[] };

export interface ShownEvent {
  readonly seq: number;
  readonly at: string;
  readonly kind: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly ignored: string | null;
}

export interface ShownWhy {
  readonly status: string;
  readonly sentence: string | null;
  readonly waiting: readonly { readonly sentence: string }[];
}

export interface ShownWorkflow {
  readonly workflow: string;
  readonly version: number;
  readonly enabled: boolean;
  readonly openRuns: number;
  readonly lastRun: { readonly runId: string; readonly status: string } | null;
  readonly nextFireAt: string | null;
}

export interface ShownSchedule {
  readonly scheduleId: string;
  readonly kind: string;
  readonly enabled: boolean;
  readonly nextFireAt: string | null;
}

export interface ShownDetail extends Omit<ShownWorkflow, 'openRuns' | 'lastRun' | 'nextFireAt'> {
  readonly description: string;
  readonly shown: number;
  readonly text: string;
  readonly tasks: readonly {
    readonly name: string;
    readonly type: string;
    readonly pool: string | null;
    readonly dependsOn: readonly string[];
  }[];
  readonly versions: readonly { readonly version: number; readonly deployedAt: string; readonly deployedBy: string }[];
  readonly schedules: readonly ShownSchedule[];
}

export interface Deployment {
  readonly workflow: string;
  readonly version: number;
  readonly outcome: 'created' | 'returned' | 'unchanged';
}

export interface ShownBackfill {
  readonly backfillId: string;
  readonly workflow: string;
  readonly from: string;
  readonly until: string;
  readonly atOnce: number;
  readonly state: string;
  readonly parts: Readonly<Record<'waiting' | 'started' | 'succeeded' | 'failed' | 'cancelled', number>>;
  readonly partitions?: readonly { readonly scheduledFor: string; readonly runId: string | null; readonly state: string }[];
}

interface Weight {
  readonly slots: number;
  readonly cpu: number;
  readonly memoryMiB: number;
  readonly io: number;
}

export interface ShownPool {
  readonly pool: string;
  readonly capacity: Weight;
  readonly taken: Weight;
  readonly queued: number;
  readonly holders: readonly { readonly runId: string; readonly workflow: string; readonly task: string; readonly slots: number }[];
}

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}
