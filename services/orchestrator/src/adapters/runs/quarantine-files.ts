import type { Transaction } from '@vigil/postgres';
import type { FallenTask } from '../../domain/runs/run-hooks.ts';

const quarantineSql = `
  UPDATE orchestration.file f SET state = 'QUARANTINED', error_code = t.code, changed_at = clock_timestamp()
  FROM unnest($1::uuid[], $2::text[]) AS t (run_id, code)
  WHERE f.run_id = t.run_id AND f.state IN ('DISCOVERED', 'STABLE', 'CLAIMED', 'STAGED', 'VERIFIED')`;

/** `fallback_action: quarantine_data`: the files that a failed run had taken and not loaded are set aside. */
export async function quarantineFiles(transaction: Transaction, tasks: readonly FallenTask[]): Promise<void> {
  const quarantined = tasks.filter(({ action }) => action === 'quarantine_data');
  if (quarantined.length === 0) return;
  await transaction.query(quarantineSql, [quarantined.map(({ runId }) => runId), quarantined.map(({ error }) => error.code)]);
}
