import { join } from 'node:path';
import { createSlotBook, slotStandings, type NotedSlot } from '@vigil/batch';
import { classifyError } from '@vigil/core';
import { loadDefinition, sourcesSchema } from '@vigil/definitions';
import { createReferenceResolver, databaseUrl, readKeptLog, type KeptLog } from '@vigil/sources';
import type { ExecutorDeps } from '../../executor-deps.ts';
import { defaultWorkflowsDir } from '../../worker-settings.ts';
import type { Cell, Report } from './report.ts';

type Deps = Pick<ExecutorDeps, 'database' | 'settings' | 'onForgottenSlot'>;

const mebibyte = 1024 * 1024;

type Seen = { readonly kept: KeptLog | null } | { readonly away: string };

async function lookAt({ source, slot, access }: NotedSlot, resolve: Parameters<typeof databaseUrl>[1]['resolve']): Promise<Seen> {
  try {
    return { kept: await readKeptLog({ name: source, url: databaseUrl(access, { source, resolve }) }, slot) };
  } catch (error) {
    return { away: classifyError(error).code };
  }
}

/**
 * `report_replication_slots`: what each slot keeps of its database's log. One of a source that is no longer declared keeps it for
 * ever, because nobody reads it: it is a finding, and told as an event, until a person drops it. Nothing is dropped here.
 */
export async function reportReplicationSlots(
  { database, settings, onForgottenSlot }: Deps,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Report> {
  const book = createSlotBook(database);
  const resolve = createReferenceResolver(environment);
  const { sources } = loadDefinition(join(settings.workflowsDir ?? defaultWorkflowsDir, 'sources.yaml'), sourcesSchema);
  const standingOf = slotStandings(sources, resolve);
  const rows: Cell[][] = [];
  let findings = 0;
  for (const noted of await book.all()) {
    const { source, table, slot } = noted;
    const standing = standingOf(noted);
    const seen = await lookAt(noted, resolve);
    const keptBytes = 'kept' in seen ? (seen.kept?.bytes ?? 0) : 0;
    if (standing === 'forgotten' && 'kept' in seen) onForgottenSlot({ source, slot, keptBytes });
    if ('kept' in seen && seen.kept === null) {
      if (standing === 'forgotten') await book.forget(noted);
      continue;
    }
    if (standing !== 'declared') findings++;
    const state = 'away' in seen ? `not reached: ${seen.away}` : seen.kept?.isRead ? 'read now' : 'not read now';
    rows.push([source, table, slot, standing, state, 'away' in seen ? null : Math.round(keptBytes / mebibyte)]);
  }
  return {
    title: 'Replication slots',
    columns: ['source', 'table', 'slot', 'source_is', 'state', 'kept_mib'],
    rows,
    notes: [
      'forgotten: its source is no longer in sources.yaml, so nobody reads the slot, and its database keeps its log until the slot is dropped. See docs/runbooks/replication-slot-forgotten.md.',
      'unknown: a declared source has a slot of this name, and one of the two addresses cannot be read by this worker.',
    ],
    findings,
    peopleColumn: null,
  };
}
