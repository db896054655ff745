import { toDatabaseError, type createPool } from '@vigil/postgres';

/** The time that a run of a backfill is for, in milliseconds; null = the run is of none. @throws VigilError DATABASE_AWAY */
export async function timeOfBackfill(database: Pick<ReturnType<typeof createPool>, 'query'>, runId: string): Promise<number | null> {
  const sql = `SELECT scheduled_for AS at FROM orchestration.run WHERE run_id = $1 AND trigger = 'backfill'`;
  const { rows } = await database.query<{ at: Date | null }>(sql, [runId]).catch((error: unknown) => {
    throw toDatabaseError(error);
  });
  return rows[0]?.at?.getTime() ?? null;
}
