import type { IncidentChanged } from '@vigil/contracts';
import { hashId } from '@vigil/core';
import type { Transaction } from '@vigil/postgres';
import type { Decision, Message } from '../domain/decision.ts';
import type { Incident } from '../domain/incident.ts';
import { rankOf } from '../domain/severity.ts';
import type { Silence } from '../domain/silence.ts';
import { atMs, fromRow, incidentColumns, msOf, nowMsSql, toRow, upsertIncidentsSql, type IncidentRow } from './incident-row.ts';

/** The database's clock, which all instances share. Milliseconds since the epoch. */
export async function readClock(transaction: Transaction): Promise<number> {
  const { rows } = await transaction.query<{ now: number }>(`SELECT ${nowMsSql} AS now`);
  return rows[0]?.now ?? 0;
}

/** Reads incidents and keeps them locked, in one order for everybody. */
export async function lockIncidents(transaction: Transaction, incidentIds: readonly string[]): Promise<ReadonlyMap<string, Incident>> {
  if (incidentIds.length === 0) return new Map();
  const { rows } = await transaction.query<IncidentRow>(
    `SELECT ${incidentColumns} FROM alerting.incident i WHERE i.incident_id = ANY($1) ORDER BY i.incident_id FOR UPDATE`,
    [incidentIds],
  );
  return new Map(rows.map((row) => [row.incident_id, fromRow(row)]));
}

/** Approved silences in force. */
export async function readSilences(transaction: Transaction): Promise<readonly Silence[]> {
  const { rows } = await transaction.query<Silence>(
    `SELECT hospital, ward, ${msOf('ends_at')} AS "endsAt" FROM alerting.silence
     WHERE approved_by IS NOT NULL AND starts_at <= clock_timestamp() AND ends_at > clock_timestamp()`,
  );
  return rows;
}

/** Nobody knows of an incident yet: its first page goes before further pages of others, and those before what ends pages. */
const turnOf = ({ action, page }: Message): number => (action !== 'trigger' ? 2 : page === 1 ? 0 : 1);
const turns = 3;

const timelineOf = (decisions: readonly Decision[]): object[] =>
  decisions.flatMap(({ incident, timeline }) => timeline.map((entry) => ({ ...entry, incident_id: incident.incidentId })));

/** The records of `alerts.incident.changed.v1`: an id that a repeat shares, and nothing of the patient. */
const changesOf = (decisions: readonly Decision[]): IncidentChanged[] =>
  decisions.flatMap(({ incident: { incidentId, alertId, severity }, timeline }) =>
    timeline.map(({ seq, change, channel, step, at }) => ({
      incidentId,
      changeId: hashId('incident-change', incidentId, seq),
      alertId,
      change,
      severity,
      channel,
      step,
      changedAt: at,
    })),
  );

/** Critical ones first, and of those the first pages: a provider's rate is spent on what is urgent. */
const outboxOf = (decisions: readonly Decision[]): object[] =>
  decisions.flatMap(({ incident, messages }) =>
    messages.map((message) => ({
      episode: incident.incidentId,
      seq: message.seq,
      page: message.page,
      channel: message.channel,
      address: message.address,
      dedup_key: message.dedupKey,
      action: message.action,
      payload: message.text,
      priority: rankOf(incident.severity) * turns + turnOf(message),
    })),
  );

const saveSql = `
  WITH saved AS (${upsertIncidentsSql}),
  noted AS (
    INSERT INTO alerting.incident_event (incident_id, seq, change, channel, step, at)
    SELECT incident_id, seq, change, channel, step, ${atMs('at')}
    FROM jsonb_to_recordset($2::jsonb) AS r(incident_id text, seq integer, change text, channel text, step integer, at bigint)),
  queued AS (
    INSERT INTO alerting.outbox (episode, seq, page, channel, address, dedup_key, action, payload, priority)
    SELECT * FROM jsonb_to_recordset($3::jsonb) AS r(episode text, seq integer, page integer, channel text, address text,
      dedup_key text, action text, payload jsonb, priority smallint) ORDER BY priority, episode, seq)
  INSERT INTO alerting.change_outbox (change) SELECT value FROM jsonb_array_elements($4::jsonb)`;

/** Writes incidents, timeline, messages and the changes to be published, in one statement. */
export async function saveDecisions(transaction: Transaction, decisions: readonly Decision[]): Promise<void> {
  if (decisions.length === 0) return;
  const incidents = decisions.map(({ incident }) => toRow(incident));
  const parameters = [incidents, timelineOf(decisions), outboxOf(decisions), changesOf(decisions)];
  await transaction.query(
    saveSql,
    parameters.map((rows) => JSON.stringify(rows)),
  );
}
