import type { Knex } from 'knex';
import { ensureRoleSql } from '../role-sql.ts';

const incidentSql = `
  CREATE TABLE alerting.incident (
    incident_id text PRIMARY KEY,
    alert_id text NOT NULL UNIQUE,
    patient_token text NOT NULL,
    rule text NOT NULL,
    vital text,
    kind text NOT NULL,
    severity text NOT NULL,
    severity_rank smallint NOT NULL,
    historic boolean NOT NULL,
    hospital text NOT NULL,
    ward text NOT NULL,
    room text NOT NULL,
    about_channel text,
    about_address text,
    src_partition integer,
    raised_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    cleared_at timestamptz,
    state text NOT NULL CHECK (state IN ('recorded', 'held', 'open', 'acknowledged', 'resolved')),
    held_for text CHECK (held_for IN ('catch-up', 'quiet-hours', 'silence')),
    step integer NOT NULL,
    pages jsonb NOT NULL,
    page_count integer NOT NULL,
    seq integer NOT NULL,
    next_step_at timestamptz,
    lease_until timestamptz,
    undelivered boolean NOT NULL,
    opened_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp()
  ) WITH (fillfactor = 70);
  COMMENT ON TABLE alerting.incident IS 'A row per alarm episode as people meet it; its id is opaque, it holds no name.';
  CREATE INDEX incident_due ON alerting.incident (next_step_at) WHERE next_step_at IS NOT NULL;
  CREATE INDEX incident_active ON alerting.incident (severity_rank, raised_at) WHERE state IN ('held', 'open', 'acknowledged');
  CREATE UNIQUE INDEX incident_one_operational ON alerting.incident (rule, about_channel, about_address)
    WHERE kind = 'operational' AND state IN ('held', 'open', 'acknowledged');

  CREATE TABLE alerting.incident_event (
    incident_id text NOT NULL REFERENCES alerting.incident,
    seq integer NOT NULL,
    change text NOT NULL,
    channel text NOT NULL,
    step integer NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (incident_id, seq)
  );
  COMMENT ON TABLE alerting.incident_event IS 'The timeline of an incident: what alerts.incident.changed.v1 carries.';`;

const deliverySql = `
  CREATE TABLE alerting.outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    episode text NOT NULL REFERENCES alerting.incident,
    seq integer NOT NULL,
    page integer NOT NULL,
    channel text NOT NULL,
    address text NOT NULL,
    dedup_key text NOT NULL,
    action text NOT NULL CHECK (action IN ('trigger', 'acknowledge', 'resolve')),
    payload jsonb NOT NULL,
    priority smallint NOT NULL,
    not_before timestamptz NOT NULL DEFAULT clock_timestamp(),
    attempts integer NOT NULL DEFAULT 0,
    state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sending', 'accepted', 'quarantined', 'withdrawn')),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (channel, dedup_key, seq)
  ) WITH (fillfactor = 70);
  COMMENT ON TABLE alerting.outbox IS
    'Messages to providers, written with the incident; sent strictly by seq for each channel and dedup key. A claim is a lease until not_before.';
  CREATE INDEX outbox_due ON alerting.outbox (channel, priority, not_before) WHERE state IN ('pending', 'sending');
  CREATE INDEX outbox_order ON alerting.outbox (channel, dedup_key, seq) WHERE state IN ('pending', 'sending');

  CREATE TABLE alerting.delivery_attempt (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    outbox_id bigint NOT NULL REFERENCES alerting.outbox,
    incident_id text NOT NULL,
    channel text NOT NULL,
    address text NOT NULL,
    action text NOT NULL,
    attempt integer NOT NULL,
    started_at timestamptz NOT NULL,
    finished_at timestamptz NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('accepted', 'retry', 'permanent', 'blocked')),
    status integer,
    latency_ms bigint
  );
  COMMENT ON COLUMN alerting.delivery_attempt.latency_ms IS
    'receivedAt of the reading to the 2xx of the provider: only for the first message of an incident that is not historic.';
  CREATE INDEX delivery_attempt_incident ON alerting.delivery_attempt (incident_id, id);
  CREATE INDEX delivery_attempt_accepted ON alerting.delivery_attempt (channel, address, finished_at) WHERE outcome = 'accepted';

  CREATE TABLE alerting.change_outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    change jsonb NOT NULL
  );
  COMMENT ON TABLE alerting.change_outbox IS 'Changes on their way to alerts.incident.changed.v1.';`;

const silenceSql = `
  CREATE TABLE alerting.silence (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    hospital text NOT NULL,
    ward text NOT NULL,
    reason text NOT NULL CHECK (length(reason) BETWEEN 3 AND 200),
    requested_by text NOT NULL,
    approved_by text,
    starts_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ends_at timestamptz NOT NULL,
    CONSTRAINT silence_needs_a_second_person CHECK (lower(trim(approved_by)) <> lower(trim(requested_by)) AND trim(approved_by) <> ''),
    CONSTRAINT silence_lasts_15_minutes_at_most CHECK (ends_at > starts_at AND ends_at <= starts_at + interval '15 minutes')
  );
  COMMENT ON TABLE alerting.silence IS 'New incidents of a ward are held while an approved silence lasts; without an approval it does nothing.';
  CREATE INDEX silence_end ON alerting.silence (ends_at);

  CREATE VIEW alerting.undelivered AS
    SELECT incident_id, severity, kind, hospital, ward, raised_at, opened_at, step FROM alerting.incident
    WHERE undelivered AND state = 'open' ORDER BY severity_rank, raised_at;
  COMMENT ON VIEW alerting.undelivered IS 'Open incidents that no outside channel took: the last link of the chain.';`;

/** Incidents, their timeline, the outbox to the providers with every attempt, silences. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(ensureRoleSql('vigil_alert_router'));
  await knex.raw('CREATE SCHEMA IF NOT EXISTS alerting');
  for (const sql of [incidentSql, deliverySql, silenceSql]) await knex.raw(sql);
  await knex.raw(`
    GRANT USAGE ON SCHEMA alerting TO vigil_alert_router;
    GRANT SELECT, INSERT, UPDATE ON alerting.incident, alerting.outbox TO vigil_alert_router;
    GRANT SELECT, INSERT ON alerting.incident_event, alerting.delivery_attempt TO vigil_alert_router;
    GRANT SELECT, INSERT, UPDATE, DELETE ON alerting.change_outbox TO vigil_alert_router;
    GRANT SELECT ON alerting.silence, alerting.undelivered TO vigil_alert_router;`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP SCHEMA alerting CASCADE; CREATE SCHEMA alerting');
}
