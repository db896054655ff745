import { VigilError } from '@vigil/core';
import { auditAccess } from './audit-access.ts';
import type { DeadLetterTopic } from './dead-letter-topics.ts';
import type { EntryFilter } from './entry-filter.ts';
import type { DlqRequest, RequestAction } from './request-rows.ts';
import { placeName, selectEntries, type Selection } from './select-entries.ts';
import { identifyQueue, type QueueIdentity } from './walk-queue.ts';
import type { QuarantineWorld } from './with-quarantine.ts';

/** What an operator asks for. */
export interface Asked {
  readonly action: RequestAction;
  readonly queue: DeadLetterTopic;
  readonly filter: EntryFilter;
  readonly reason: string;
  readonly by: string;
  /** SHA-256 of an edited value. */
  readonly editHash: string | null;
}

export interface Chosen {
  readonly queue: QueueIdentity;
  readonly selection: Selection;
  readonly needsApproval: boolean;
}

/** What a request would hold, without making it: the dry run. @throws VigilError BAD_USAGE where an edit matches several records */
export async function chooseRecords(
  { action, queue, filter, editHash }: Omit<Asked, 'reason' | 'by'>,
  { client, store }: QuarantineWorld,
): Promise<Chosen> {
  const identity = await identifyQueue(client, queue.name);
  const states = await store.statesOf(identity);
  const selection = await selectEntries({
    client,
    queue: identity,
    filter,
    isTaken: (place) => states.has(placeName(place)),
    needsOrigin: action === 'requeue',
  });
  const { length } = selection.entries;
  if (editHash !== null && length > 1) throw new VigilError('BAD_USAGE', { detail: `--edit takes one record; ${length} match.` });
  return { queue: identity, selection, needsApproval: length > 1 || editHash !== null };
}

/** Makes the request and records who made it. @throws VigilError ALREADY_CLAIMED */
export async function askRequest(asked: Asked, { queue, selection }: Chosen, world: QuarantineWorld): Promise<DlqRequest> {
  const { action, filter, reason, by, editHash } = asked;
  const request = await world.store.create({ action, queue, filter, selection, reason, editHash, by });
  const access = { subtype: action, action: 'C', by, entityType: 'topic', entity: queue.topic, requestId: request.id, reason } as const;
  await auditAccess({ ...access, places: selection.entries, records: request.records }, world);
  return request;
}
