import type { HoldReason, Incident, IncidentState, Page } from '../domain/incident.ts';
import type { Channel } from '../domain/route.ts';
import { rankOf, severityOf } from '../domain/severity.ts';

const instants = ['raised_at', 'received_at', 'cleared_at', 'next_step_at', 'lease_until'] as const;

/** A row of `alerting.incident`; times as milliseconds since the epoch. */
export interface IncidentRow {
  readonly incident_id: string;
  readonly alert_id: string;
  readonly patient_token: string;
  readonly rule: string;
  readonly vital: string | null;
  readonly kind: string;
  readonly severity: string;
  readonly severity_rank: number;
  readonly historic: boolean;
  readonly hospital: string;
  readonly ward: string;
  readonly room: string;
  readonly about_channel: string | null;
  readonly about_address: string | null;
  readonly src_partition: number | null;
  readonly raised_at: number;
  readonly received_at: number;
  readonly cleared_at: number | null;
  readonly state: string;
  readonly held_for: string | null;
  readonly step: number;
  readonly pages: readonly Page[];
  readonly page_count: number;
  readonly seq: number;
  readonly next_step_at: number | null;
  readonly lease_until: number | null;
  readonly undelivered: boolean;
}

/** Columns with the type that a value has in JSON; instants travel as milliseconds. */
const columnTypes: Readonly<Record<keyof IncidentRow, string>> = {
  incident_id: 'text',
  alert_id: 'text',
  patient_token: 'text',
  rule: 'text',
  vital: 'text',
  kind: 'text',
  severity: 'text',
  severity_rank: 'smallint',
  historic: 'boolean',
  hospital: 'text',
  ward: 'text',
  room: 'text',
  about_channel: 'text',
  about_address: 'text',
  src_partition: 'integer',
  raised_at: 'bigint',
  received_at: 'bigint',
  cleared_at: 'bigint',
  state: 'text',
  held_for: 'text',
  step: 'integer',
  pages: 'jsonb',
  page_count: 'integer',
  seq: 'integer',
  next_step_at: 'bigint',
  lease_until: 'bigint',
  undelivered: 'boolean',
};

const columns = Object.keys(columnTypes) as (keyof IncidentRow)[];
const isInstant = (column: string): boolean => (instants as readonly string[]).includes(column);

/** Milliseconds since the epoch of a timestamptz expression. */
export const msOf = (expression: string): string => `(extract(epoch FROM ${expression}) * 1000)::bigint`;
/** The timestamptz of milliseconds since the epoch. */
export const atMs = (expression: string): string => `to_timestamp(${expression} / 1000.0)`;

export const nowMsSql = msOf('clock_timestamp()');

/** The select list of an `IncidentRow`, from a table named `i`. */
export const incidentColumns = columns
  .map((column) => (isInstant(column) ? `${msOf(`i.${column}`)} AS ${column}` : `i.${column}`))
  .join(', ');

/** Writes the incidents of the JSON array `$1`, new or changed. */
export const upsertIncidentsSql = `
  INSERT INTO alerting.incident AS i (${columns.join(', ')})
  SELECT ${columns.map((column) => (isInstant(column) ? atMs(`r.${column}`) : `r.${column}`)).join(', ')}
  FROM jsonb_to_recordset($1::jsonb) AS r(${columns.map((column) => `${column} ${columnTypes[column]}`).join(', ')})
  ON CONFLICT (incident_id) DO UPDATE SET changed_at = clock_timestamp(),
    ${(['cleared_at', 'state', 'held_for', 'step', 'pages', 'page_count', 'seq', 'next_step_at', 'lease_until', 'undelivered'] as const)
      .map((column) => `${column} = EXCLUDED.${column}`)
      .join(', ')}`;

export const toRow = (incident: Incident): IncidentRow => ({
  incident_id: incident.incidentId,
  alert_id: incident.alertId,
  patient_token: incident.patientToken,
  rule: incident.rule,
  vital: incident.vital,
  kind: incident.kind,
  severity: incident.severity,
  severity_rank: rankOf(incident.severity),
  historic: incident.historic,
  hospital: incident.hospital,
  ward: incident.ward,
  room: incident.room,
  about_channel: incident.about?.channel ?? null,
  about_address: incident.about?.address ?? null,
  src_partition: incident.partition,
  raised_at: incident.raisedAt,
  received_at: incident.receivedAt,
  cleared_at: incident.clearedAt,
  state: incident.state,
  held_for: incident.heldFor,
  step: incident.step,
  pages: incident.pages,
  page_count: incident.pageCount,
  seq: incident.seq,
  next_step_at: incident.nextStepAt,
  lease_until: incident.leaseUntil,
  undelivered: incident.undelivered,
});

export const fromRow = (row: IncidentRow): Incident => ({
  incidentId: row.incident_id,
  alertId: row.alert_id,
  patientToken: row.patient_token,
  rule: row.rule,
  vital: row.vital,
  kind: row.kind,
  severity: severityOf(row.severity),
  historic: row.historic,
  hospital: row.hospital,
  ward: row.ward,
  room: row.room,
  about: row.about_channel === null ? null : { channel: row.about_channel as Channel, address: row.about_address ?? '' },
  partition: row.src_partition,
  raisedAt: row.raised_at,
  receivedAt: row.received_at,
  clearedAt: row.cleared_at,
  state: row.state as IncidentState,
  heldFor: row.held_for as HoldReason | null,
  step: row.step,
  pages: row.pages,
  pageCount: row.page_count,
  seq: row.seq,
  nextStepAt: row.next_step_at,
  leaseUntil: row.lease_until,
  undelivered: row.undelivered,
});
