import { VigilError } from '@vigil/core';
import type { SchemaRegistry } from '@vigil/kafka';
import { auditAccess } from './audit-access.ts';
import { deadLetterTopic, type DeadLetterTopic } from './dead-letter-topics.ts';
import { editHashOf, editedValue } from './edit-value.ts';
import type { DlqRequest } from './request-rows.ts';
import { runRequeue, settleSent } from './run-requeue.ts';
import type { QuarantineWorld } from './with-quarantine.ts';

export interface Means {
  /** The edited value as the approver sees it; null = none was given. */
  readonly edit: Buffer | null;
  /** Records a second. */
  readonly rate: number;
  readonly sleep: (ms: number) => Promise<void>;
}

export interface CarriedOut {
  readonly request: DlqRequest;
  readonly sent: number;
  /** Sent by an earlier run that was interrupted. */
  readonly found: number;
  readonly discarded: number;
}

/** The bytes that are approved are those that were asked for. @throws VigilError BAD_USAGE, EDIT_REFUSED */
async function editOf(
  { editHash }: DlqRequest,
  { origin }: DeadLetterTopic,
  edit: Buffer | null,
  registry: SchemaRegistry,
): Promise<Buffer | null> {
  if (editHash === null && edit === null) return null;
  if (editHash === null) throw new VigilError('BAD_USAGE', { detail: 'The request has no edit; leave --edit out.' });
  if (edit === null)
    throw new VigilError('BAD_USAGE', { detail: 'The request has an edit: look at the file and give it with --edit FILE.' });
  if (editHashOf(edit) !== editHash) throw new VigilError('BAD_USAGE', { detail: 'The file is not the one that was asked for.' });
  return editedValue(edit, origin, registry);
}

async function settle(request: DlqRequest, edited: Buffer | null, means: Means, world: QuarantineWorld): Promise<CarriedOut> {
  const { store } = world;
  if (request.action === 'requeue') {
    const queue = deadLetterTopic(request.topic);
    const requeued = await runRequeue({ ...world, ...means, request, queue, edited });
    return { request: await store.finish(request), ...requeued, discarded: 0 };
  }
  const { claimed } = await store.placesOf(request);
  await store.settle(request, claimed, 'discarded');
  return { request: await store.finish(request), sent: 0, found: 0, discarded: claimed.length };
}

/**
 * Does what an approved request asks for; one that was interrupted is gone on with.
 *
 * @throws VigilError BAD_USAGE where it is not approved, EDIT_REFUSED, SELECTION_CHANGED, REQUEST_EXPIRED
 */
export function carryOut(id: string, means: Means, world: QuarantineWorld): Promise<CarriedOut> {
  return exclusively(id, world, async (request) => {
    if (request.state !== 'approved') throw new VigilError('BAD_USAGE', { detail: `The request is ${request.state}.` });
    return settle(request, await editOf(request, deadLetterTopic(request.topic), means.edit, world.registry), means, world);
  });
}

/** Approves a request in another person's name and carries it out. @throws VigilError SECOND_PERSON_NEEDED, and as `carryOut` */
export function approveRequest(id: string, by: string, means: Means, world: QuarantineWorld): Promise<CarriedOut> {
  return exclusively(id, world, async (request) => {
    const edited = await editOf(request, deadLetterTopic(request.topic), means.edit, world.registry);
    const isApproved = request.state === 'approved';
    if (!isApproved && request.requestedBy === by) throw new VigilError('SECOND_PERSON_NEEDED');
    // Whoever goes on with an approved one is recorded, too: its asking may have been cut off before it was.
    await audit('approve', request, by, world);
    return settle(isApproved ? request : await world.store.approve(request, by), edited, means, world);
  });
}

/** Takes a request back: what was sent stays sent, the rest is open again. */
export function declineRequest(id: string, by: string, world: QuarantineWorld): Promise<DlqRequest> {
  return exclusively(id, world, async (request) => {
    if (request.action === 'requeue' && request.state === 'approved') await settleWhatIsKnown(request, world);
    await audit('decline', request, by, world);
    await world.store.decline(request, by);
    return world.store.find(id);
  });
}

/** What the retry topic no longer tells is for whoever declines to know. */
async function settleWhatIsKnown(request: DlqRequest, world: QuarantineWorld): Promise<void> {
  try {
    await settleSent({ ...world, request, queue: deadLetterTopic(request.topic) });
  } catch (error) {
    if (!(error instanceof VigilError && error.code === 'REQUEST_EXPIRED')) throw error;
  }
}

/** Read again under the lock: what was true before may be settled by now. */
async function exclusively<Result>(
  id: string,
  { store }: QuarantineWorld,
  work: (request: DlqRequest) => Promise<Result>,
): Promise<Result> {
  return store.exclusively(await store.find(id), async () => {
    const request = await store.find(id);
    if (request.state === 'done' || request.state === 'declined')
      throw new VigilError('BAD_USAGE', { detail: `The request is ${request.state}.` });
    return work(request);
  });
}

const audit = (subtype: 'approve' | 'decline', { id, topic, records, reason }: DlqRequest, by: string, world: QuarantineWorld) =>
  auditAccess({ subtype, action: 'E', by, entityType: 'topic', entity: topic, records, reason, requestId: id }, world);
