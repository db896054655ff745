import type { Transaction } from '@vigil/postgres';
import type { PartState, RunState } from '@vigil/workflows';
import { mostPartsInside, tasksInRows, type PartsByTask, type StoredState } from '../../domain/runs/stored-state.ts';
import type { LeftRun } from './aftermath.ts';

const readSql =
  'SELECT run_id AS "runId", task, state FROM orchestration.run_part WHERE run_id = ANY($1::uuid[]) ORDER BY run_id, task, part';

interface PartRow {
  readonly runId: string;
  readonly task: string;
  readonly state: PartState;
}

const none: PartsByTask = new Map();

const partsIn = ({ tasks }: RunState): PartsByTask =>
  new Map(Object.entries(tasks).flatMap(([name, { parts }]) => (parts.length > mostPartsInside ? [[name, parts] as const] : [])));

interface StoredRun {
  readonly runId: string;
  readonly seq: number;
  readonly state: StoredState | null;
}

/** Parts that stand in rows, of runs that are locked. */
export interface PartRowsReader {
  /** By run; every run is in it. */
  read(transaction: Transaction, runs: readonly StoredRun[]): Promise<ReadonlyMap<string, PartsByTask>>;
  /** After the commit of what it tells. */
  remember(left: readonly LeftRun[]): void;
  /** A database that was away may come back as it was before. */
  forget(): void;
}

interface Known {
  readonly seq: number;
  readonly parts: PartsByTask;
  readonly weight: number;
}

const bytesOfOne = 512;

/** A part is weighed once: a step of ten thousand parts changes few of them. */
const weights = new WeakMap<PartState, number>();
const weigh = (part: PartState): number => {
  if (part.result === null && part.error === null) return 1;
  const known = weights.get(part);
  if (known !== undefined) return known;
  const weight = 1 + JSON.stringify([part.result, part.error]).length / bytesOfOne;
  weights.set(part, weight);
  return weight;
};

const weightOf = (parts: PartsByTask): number =>
  [...parts.values()].reduce((sum, own) => own.reduce((part, state) => part + weigh(state), sum), 0);

/**
 * Reads parts from their rows, and those of the runs that this process moved last from memory: run and number of steps name a
 * state for good.
 *
 * @param mostKept  parts that are remembered; what one tells of its end weighs as another one for each 512 characters
 */
export function createPartRowsReader(mostKept = 50_000): PartRowsReader {
  const known = new Map<string, Known>();
  let kept = 0;
  const drop = (runId: string): void => {
    kept -= known.get(runId)?.weight ?? 0;
    known.delete(runId);
  };
  const readRows = async (transaction: Transaction, runIds: readonly string[]): Promise<ReadonlyMap<string, PartsByTask>> => {
    if (runIds.length === 0) return new Map();
    const { rows } = await transaction.query<PartRow>({ name: 'read-parts', text: readSql, values: [runIds] });
    const byTask = (own: readonly PartRow[]): PartsByTask =>
      new Map([...Map.groupBy(own, ({ task }) => task)].map(([task, parts]) => [task, parts.map(({ state }) => state)] as const));
    return new Map([...Map.groupBy(rows, ({ runId }) => runId)].map(([runId, own]) => [runId, byTask(own)] as const));
  };
  return {
    async read(transaction, runs) {
      const large = runs.filter(({ state }) => tasksInRows(state).length > 0);
      const remembered = new Map(
        large.flatMap(({ runId, seq }) => {
          const found = known.get(runId);
          return found?.seq === seq ? [[runId, found.parts] as const] : [];
        }),
      );
      const unknown = large.map(({ runId }) => runId).filter((runId) => !remembered.has(runId));
      const rows = await readRows(transaction, unknown);
      return new Map(runs.map(({ runId }) => [runId, remembered.get(runId) ?? rows.get(runId) ?? none] as const));
    },
    remember(left) {
      for (const { runId, seq, after } of left) {
        drop(runId);
        const parts = after.endedAtMs === null ? partsIn(after) : none;
        const weight = weightOf(parts);
        if (weight === 0) continue;
        known.set(runId, { seq, parts, weight });
        kept += weight;
      }
      for (const [runId] of known) {
        if (kept <= mostKept) return;
        drop(runId);
      }
    },
    forget() {
      known.clear();
      kept = 0;
    },
  };
}

const removeSql = `
  DELETE FROM orchestration.run_part p USING unnest($1::uuid[], $2::text[], $3::integer[]) AS r (run_id, task, part)
  WHERE p.run_id = r.run_id AND p.task = r.task AND p.part >= r.part`;

/** Removes the rows of parts that a task has not any more. */
export async function removeParts(
  transaction: Transaction,
  removed: readonly { readonly runId: string; readonly task: string; readonly from: number }[],
): Promise<void> {
  if (removed.length === 0) return;
  const values = [removed.map(({ runId }) => runId), removed.map(({ task }) => task), removed.map(({ from }) => from)];
  await transaction.query({ name: 'remove-parts', text: removeSql, values });
}
