import { setTimeout as sleep } from 'node:timers/promises';
import { createClaimReader, splitClaims, type Piece } from '@vigil/claim-formats';
import { topics } from '@vigil/contracts';
import { systemClock, type Clock } from '@vigil/core';
import type { KafkaClient, SchemaRegistry } from '@vigil/kafka';
import { badOfClaim, badOfRejection, type BadClaim } from './bad-claim.ts';
import { createHoldOf } from '@vigil/batch';
import { openClaimPublisher, type ClaimPublisher } from './claim-publisher.ts';
import { createAcknowledgementKeeper, type AcknowledgementKeeper } from './keep-acknowledgement.ts';
import { listClaimFiles, type ClaimFile } from './list-claim-files.ts';
import { failureOf, openYield, partitionsOf, type SendDeps, type SendFailure } from './send-messages.ts';

export interface SendClaimsRequest {
  /** A file, a directory, or `-` for standard input. */
  readonly path: string;
  readonly rate?: number;
  readonly batchId?: string;
  readonly ackDir?: string;
}

export interface SendClaimsReport {
  /** Claims, acknowledged by Kafka; those that intake will quarantine are among them. */
  readonly sent: number;
  /** Claims inside of what was rejected. */
  readonly rejected: number;
  readonly seconds: number;
  readonly files: number;
  /** What the sent claims look like to their reader. */
  readonly outcomes: { readonly clean: number; readonly withProblems: number; readonly unreadable: number };
  /** Files, interchanges, groups, transaction sets and claims that were rejected. */
  readonly rejections: number;
  readonly unreadableFiles: number;
  /** The first of all that is bad. */
  readonly bad: readonly BadClaim[];
  readonly badCount: number;
  readonly acknowledgements: readonly string[];
  /** Why it ended before the input did. What was under way then may have arrived, too. */
  readonly error?: SendFailure;
}

export interface SendClaimsDeps extends SendDeps {
  readonly registry: SchemaRegistry;
  /** So much of an interchange from a pipe stays in memory. */
  readonly heldBytes?: number;
  /** Told of each bad claim as it is found. */
  readonly onBad?: (bad: BadClaim) => void;
}

/** So many bad claims stand in the report; all are counted and told. */
const mostBadKept = 100;

/** What is counted while files are sent. */
function createTally(onBad: (bad: BadClaim) => void) {
  const bad: BadClaim[] = [];
  const acknowledgements: string[] = [];
  const counts = { files: 0, clean: 0, withProblems: 0, unreadable: 0, rejections: 0, unreadableFiles: 0, bad: 0 };
  return {
    counts,
    bad,
    acknowledgements,
    tell(found: BadClaim): void {
      counts.bad++;
      if (bad.length < mostBadKept) bad.push(found);
      onBad(found);
    },
  };
}

type Tally = ReturnType<typeof createTally>;

/** The input failed, not what is done with it. */
class InputFailed extends Error {}

async function* guarded(file: ClaimFile): AsyncGenerator<Buffer> {
  try {
    yield* file.open();
  } catch (cause) {
    throw new InputFailed('the input cannot be read', { cause });
  }
}

interface Sending {
  readonly publisher: ClaimPublisher;
  readonly keeper: AcknowledgementKeeper;
  readonly tally: Tally;
  readonly clock: Clock;
  readonly heldBytes: number | undefined;
}

async function takePiece(
  file: ClaimFile,
  piece: Piece,
  { publisher, keeper, tally }: Sending,
  read: ReturnType<typeof createClaimReader>,
): Promise<void> {
  const { counts } = tally;
  if (piece.kind === 'acknowledgement') {
    const written = await keeper.keep(file, piece);
    if (written !== null) tally.acknowledgements.push(written);
    return;
  }
  await publisher.take(piece);
  if (piece.kind === 'rejected') {
    if (piece.record.part !== 1) return;
    counts.rejections++;
    return tally.tell(badOfRejection(piece));
  }
  const result = read(piece.received);
  const found = badOfClaim(piece, result);
  if (!result.ok) counts.unreadable++;
  else if (found.length > 0) counts.withProblems++;
  else counts.clean++;
  for (const bad of found) tally.tell(bad);
}

async function sendFile(file: ClaimFile, sending: Sending): Promise<void> {
  const { tally, clock, heldBytes } = sending;
  tally.counts.files++;
  const read = createClaimReader();
  try {
    const pieces = splitClaims(guarded(file), { source: file.name, nowMs: clock.now(), openHold: createHoldOf(file, heldBytes) });
    for await (const piece of pieces) await takePiece(file, piece, sending, read);
  } catch (error) {
    if (!(error instanceof InputFailed)) throw error;
    tally.counts.unreadableFiles++;
    const place = { line: null, segment: null, field: '' };
    tally.tell({ fate: 'rejected', file: file.name, ...place, code: 'UNREADABLE_FILE', reason: 'the file cannot be read' });
  }
}

function reportOf({ publisher, tally, clock }: Sending, startedMs: number): SendClaimsReport {
  const { files, clean, withProblems, unreadable, rejections, unreadableFiles, bad } = tally.counts;
  return {
    sent: publisher.sent(),
    rejected: publisher.rejected(),
    seconds: Math.round(clock.now() - startedMs) / 1000,
    files,
    outcomes: { clean, withProblems, unreadable },
    rejections,
    unreadableFiles,
    bad: tally.bad,
    badCount: bad,
    acknowledgements: tally.acknowledgements,
  };
}

/**
 * Sends the claims of a file, of all files of a directory, or of standard input. Every claim is sent or rejected, with what
 * it is in and why; a file that cannot be read is told, the others go on.
 *
 * @throws VigilError BAD_USAGE, TOPIC_MISSING, KAFKA_AWAY, REGISTRY_AWAY, SCHEMA_NOT_REGISTERED before anything was sent
 */
export async function sendClaims(client: KafkaClient, request: SendClaimsRequest, deps: SendClaimsDeps): Promise<SendClaimsReport> {
  const { stdin, registry, clock = systemClock, heldBytes, onBad = () => {} } = deps;
  const { path, batchId, rate, ackDir } = request;
  const files = listClaimFiles(path, stdin);
  const first = await files.next();
  const partitions = new Map([
    [topics.claimReceived.name, await partitionsOf(client, topics.claimReceived)],
    [topics.interchangeRejected.name, await partitionsOf(client, topics.interchangeRejected)],
  ]);
  const producer = await client.openIdempotentProducer();
  const live = openYield(client, batchId, deps);
  try {
    const countOf = (topic: string): number => partitions.get(topic) ?? 1;
    const publishing = { producer, registry, partitionsOf: countOf, batchId, rate, clock, sleep, yieldToLive: live?.wait };
    const publisher = await openClaimPublisher(publishing);
    const tally = createTally(onBad);
    const keeper = createAcknowledgementKeeper(ackDir, (target) =>
      tally.tell({
        fate: 'problem',
        file: target,
        line: null,
        segment: null,
        field: '',
        code: 'DISK_UNWRITABLE',
        reason: 'the acknowledgement was not written',
      }),
    );
    const sending = { publisher, keeper, tally, clock, heldBytes };
    const startedMs = clock.now();
    try {
      if (!first.done) await sendFile(first.value, sending);
      for await (const file of files) await sendFile(file, sending);
      await publisher.flush();
      return reportOf(sending, startedMs);
    } catch (error) {
      return { ...reportOf(sending, startedMs), error: failureOf(error) };
    }
  } finally {
    await live?.close();
    await producer.close();
  }
}
