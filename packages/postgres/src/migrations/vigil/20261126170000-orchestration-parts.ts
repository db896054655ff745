import type { Knex } from 'knex';
import { forgetRunsSql } from '../orchestration-retention-sql.ts';

const partSql = `
  CREATE TABLE orchestration.run_part (
    run_id uuid NOT NULL,
    task text NOT NULL,
    part integer NOT NULL,
    state jsonb NOT NULL,
    PRIMARY KEY (run_id, task, part)
  ) WITH (fillfactor = 50);
  COMMENT ON TABLE orchestration.run_part IS 'What the reducer knows of the parts of large tasks; in run.state stands how many there are. A step writes those that it changed.';
  GRANT SELECT, INSERT, UPDATE, DELETE ON orchestration.run_part TO vigil_orchestrator;
  GRANT SELECT ON orchestration.run_part TO vigil_worker, vigil_operator;`;

const reportSql = `
  CREATE INDEX timer_report ON orchestration.timer (run_id, fires_at) WHERE timer LIKE 'report/%';
  COMMENT ON TABLE orchestration.timer IS 'Inputs of runs that are due at a time: timers of the reducer, what one run tells another ({"input": …}), and reports of workers that their run could not take yet (report/…), in their order.';`;

/** Parts of large tasks in rows; reports that wait for their run. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`${partSql} ${reportSql} ${forgetRunsSql}`);
}

/** The parts go back into the states that they are of. */
const foldSql = `
  DO $$ DECLARE large record; BEGIN
    FOR large IN SELECT run_id, task, jsonb_agg(state ORDER BY part) AS parts FROM orchestration.run_part GROUP BY run_id, task LOOP
      UPDATE orchestration.run SET state = jsonb_set(state, ARRAY['tasks', large.task, 'parts'], large.parts) WHERE run_id = large.run_id;
    END LOOP;
  END $$;`;

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`${foldSql} DROP INDEX orchestration.timer_report;
    ${forgetRunsSql.replace('    DELETE FROM orchestration.run_part WHERE run_id = ANY(gone);\n', '')} DROP TABLE orchestration.run_part;`);
}
