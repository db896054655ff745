/**
 * The history of a run is append-only for the orchestrator. It may forget runs that ended long ago as a whole, through this
 * function only: never the last one of a workflow, whose outcome others may wait for, and never what is younger than 30 days.
 */
export const forgetRunsSql = `
  CREATE OR REPLACE FUNCTION orchestration.forget_runs(days integer, most integer) RETURNS integer
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  DECLARE
    gone uuid[];
    fires integer;
    horizon timestamptz := clock_timestamp() - days * interval '1 day';
  BEGIN
    IF days < 30 THEN RAISE EXCEPTION 'runs are kept for at least 30 days'; END IF;
    SELECT coalesce(array_agg(run_id), '{}') INTO gone FROM (
      SELECT r.run_id FROM orchestration.run r WHERE r.ended_at < horizon AND r.status IN ('succeeded', 'failed', 'cancelled')
        AND EXISTS (SELECT FROM orchestration.run l WHERE l.workflow = r.workflow AND l.created_at > r.created_at AND l.ended_at IS NOT NULL)
      ORDER BY r.ended_at LIMIT most FOR UPDATE SKIP LOCKED) old;
    DELETE FROM orchestration.run_event WHERE run_id = ANY(gone);
    DELETE FROM orchestration.task_run WHERE run_id = ANY(gone);
    DELETE FROM orchestration.run_part WHERE run_id = ANY(gone);
    DELETE FROM orchestration.payload WHERE run_id = ANY(gone);
    DELETE FROM orchestration.approval WHERE run_id = ANY(gone);
    DELETE FROM orchestration.timer WHERE run_id = ANY(gone);
    DELETE FROM orchestration.batch_output WHERE batch_id IN (SELECT batch_id FROM orchestration.run WHERE run_id = ANY(gone));
    DELETE FROM orchestration.backfill_part WHERE run_id = ANY(gone);
    DELETE FROM orchestration.backfill b WHERE b.state IN ('done', 'cancelled') AND b.created_at < horizon
      AND NOT EXISTS (SELECT FROM orchestration.backfill_part p WHERE p.backfill_id = b.backfill_id);
    DELETE FROM orchestration.run WHERE run_id = ANY(gone);
    DELETE FROM orchestration.fire WHERE ctid = ANY(ARRAY(SELECT ctid FROM orchestration.fire WHERE fired_at < horizon LIMIT most));
    GET DIAGNOSTICS fires = ROW_COUNT;
    RETURN greatest(cardinality(gone), fires);
  END $$;`;

/** The function with its rights, and what makes it quick. */
export const retentionSql = `
  CREATE INDEX run_ended ON orchestration.run (ended_at) WHERE ended_at IS NOT NULL;
  CREATE INDEX payload_run ON orchestration.payload (run_id);
  CREATE INDEX fire_age ON orchestration.fire (fired_at);
  ${forgetRunsSql}
  COMMENT ON FUNCTION orchestration.forget_runs IS 'Forgets up to so many ended runs, with all that is kept of them, and fires, that are older than so many days.';
  REVOKE ALL ON FUNCTION orchestration.forget_runs FROM PUBLIC;
  GRANT EXECUTE ON FUNCTION orchestration.forget_runs TO vigil_orchestrator;`;
