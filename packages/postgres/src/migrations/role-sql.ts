/**
 * SQL that makes a role where it is missing, and lets the migrating owner act as it. Roles belong to the whole cluster:
 * two databases that are migrated at once may both try.
 */
export const ensureRoleSql = (role: string): string => `
  DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${role}') THEN
      BEGIN
        CREATE ROLE ${role} NOLOGIN;
      EXCEPTION WHEN duplicate_object OR unique_violation THEN
        NULL;
      END;
    END IF;
    IF NOT pg_has_role(CURRENT_USER, '${role}', 'MEMBER') THEN
      GRANT ${role} TO CURRENT_USER;
    END IF;
  END $$;`;

/** Positions and ledger outbox, alike in both databases; `roles` are the sinks that write there. */
export const engineTablesSql = (roles: readonly string[]): string => `
  CREATE SCHEMA engine;
  CREATE TABLE engine.sink_offset (
    sink text NOT NULL,
    topic text NOT NULL,
    part integer NOT NULL,
    topic_id text NOT NULL,
    epoch bigint NOT NULL,
    next_offset bigint NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (sink, topic, part)
  ) WITH (fillfactor = 50);
  COMMENT ON TABLE engine.sink_offset IS
    'Position of each sink: next offset to read, past markers; advanced in the transaction that writes the rows.';
  CREATE TABLE engine.ledger_outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sink text NOT NULL,
    entry jsonb NOT NULL
  );
  COMMENT ON TABLE engine.ledger_outbox IS 'Ledger rows on their way to lineage.batch.progressed.v1.';
  CREATE INDEX ledger_outbox_sink ON engine.ledger_outbox (sink, id);
  GRANT USAGE ON SCHEMA engine TO ${roles.join(', ')};
  GRANT SELECT, INSERT, UPDATE ON engine.sink_offset TO ${roles.join(', ')};
  GRANT SELECT, INSERT, UPDATE, DELETE ON engine.ledger_outbox TO ${roles.join(', ')};`;
