import { randomBytes } from 'node:crypto';
import { createClaimReader, splitClaims, type Piece } from '@vigil/claim-formats';
import { topics, type BatchProgressed, type ClaimAdjudicated, type ClaimSubmitted, type ReviewDecided, type Topic } from '@vigil/contracts';
import { claimRulesOf, loadWorkflowDefinition } from '@vigil/definitions';
import { createValueEncoder } from '@vigil/kafka';
import { drive, type TopologyDriver } from '@vigil/testing';
import { fileURLToPath } from 'node:url';
import { readDirectory } from '../../packages/cli/src/reference/read-directory.ts';
import { createAdjudicateTopology } from '../../services/claims-validator/src/adjudicate-topology.ts';
import { createIntakeTopology } from '../../services/claims-validator/src/intake-topology.ts';

export const tokenKey = { id: 't1', secret: Buffer.alloc(32, 1) };
const dataKey = { id: 'd1', secret: Buffer.alloc(32, 2) };
const fromRoot = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const workflow = claimRulesOf(loadWorkflowDefinition(fromRoot('workflows/definitions/claims_processing_workflow.yaml')));

/** A table row or a member, under the key that its topic wants. */
export interface Reference {
  readonly topic: Topic;
  readonly key: string;
  readonly value: object;
}

/** The reference data that the project ships. */
export async function shippedReference(): Promise<readonly Reference[]> {
  const { records, problems } = await readDirectory(fromRoot('infra/reference'), tokenKey);
  if (problems.length > 0) throw new Error(`infra/reference: ${JSON.stringify(problems[0])}`);
  return records;
}

export interface ChainOptions {
  readonly reference: readonly Reference[];
  readonly npiFirstDigits?: string;
  /** Ingestion time of everything. */
  readonly nowMs?: number;
}

export interface Input {
  readonly name: string;
  readonly bytes: Buffer;
}

/** What the splitter found in some inputs. */
export interface SplitCounts {
  readonly received: number;
  readonly rejectedClaims: number;
  readonly acknowledgements: number;
  readonly codes: readonly string[];
}

/** Splitter, intake and adjudication one after the other on the engine itself: everything but broker and process. */
export interface ClaimsChain {
  send(inputs: readonly Input[]): Promise<SplitCounts>;
  review(decision: ReviewDecided, key: string): Promise<void>;
  decisions(): readonly ClaimAdjudicated[];
  submitted(): readonly ClaimSubmitted[];
  intakeLedger(): readonly BatchProgressed[];
  adjudicateLedger(): readonly BatchProgressed[];
  quarantined(): readonly string[];
}

const batchSize = 500;

async function splitAll({ name, bytes }: Input, nowMs: number): Promise<readonly Piece[]> {
  const pieces: Piece[] = [];
  const chunks = async function* () {
    for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
  };
  for await (const piece of splitClaims(chunks(), { source: name, nowMs })) pieces.push(piece);
  return pieces;
}

function countsOf(pieces: readonly Piece[]): SplitCounts {
  const rejections = pieces.filter((piece) => piece.kind === 'rejected');
  return {
    received: pieces.filter(({ kind }) => kind === 'claim').length,
    rejectedClaims: rejections.reduce((sum, { record }) => sum + record.claims, 0),
    acknowledgements: pieces.filter(({ kind }) => kind === 'acknowledgement').length,
    codes: rejections.flatMap(({ record }) => record.findings.map(({ code }) => code)),
  };
}

async function pipeAll(driver: TopologyDriver, topic: Topic, records: readonly { key: string | null; value: unknown }[]): Promise<void> {
  for (let at = 0; at < records.length; at += batchSize) await driver.pipe(topic, ...records.slice(at, at + batchSize));
}

export async function openClaimsChain({
  reference,
  npiFirstDigits = '12',
  nowMs = Date.UTC(2026, 10, 26),
}: ChainOptions): Promise<ClaimsChain> {
  const settings = { startMs: nowMs, settings: { commitIntervalMs: 1_000 } };
  const intake = drive(
    createIntakeTopology({
      tokenKey,
      dataKey,
      random: (size) => randomBytes(size),
      workflow,
      readClaim: createClaimReader(),
      observer: { submitted: () => undefined },
    }),
    settings,
  );
  const adjudicate = drive(
    createAdjudicateTopology({
      requiredFields: workflow.requiredFields,
      leastCents: workflow.amountCents.least,
      mostCents: workflow.amountCents.most,
      npiFirstDigits,
      secondPersonAboveCents: 1_000_000,
    }),
    settings,
  );
  for (const [topic, records] of Map.groupBy(reference, (record) => record.topic)) await pipeAll(adjudicate, topic, records);
  const encode = createValueEncoder(topics.claimReceived.schema, intake.registry.register(topics.claimReceived.schema));
  let handedOn = 0;

  return {
    async send(inputs) {
      const pieces: Piece[] = [];
      for (const input of inputs) pieces.push(...(await splitAll(input, nowMs)));
      const claims = pieces.filter((piece) => piece.kind === 'claim').map(({ key, received }) => ({ key, value: encode(received) }));
      await pipeAll(intake, topics.claimReceived, claims);
      await intake.advance(2_000);
      const out = intake.records(topics.claimSubmitted).slice(handedOn);
      handedOn += out.length;
      await pipeAll(adjudicate, topics.claimSubmitted, out);
      await adjudicate.advance(2_000);
      return countsOf(pieces);
    },
    async review(decision, key) {
      await adjudicate.pipe(topics.reviewDecided, { key, value: decision });
      await adjudicate.advance(2_000);
    },
    decisions: () => adjudicate.read(topics.claimAdjudicated),
    submitted: () => intake.read(topics.claimSubmitted),
    intakeLedger: () => intake.ledger(),
    adjudicateLedger: () => adjudicate.ledger(),
    quarantined: () => [...intake.quarantined(), ...adjudicate.quarantined()].map(({ code }) => code),
  };
}

/** Dispositions of a stage, sub-stages left aside. */
export const dispositionsOf = (ledger: readonly BatchProgressed[]) =>
  ledger
    .filter(({ subStage }) => subStage === '')
    .reduce(
      (sum, row) => ({
        consumed: sum.consumed + row.consumed,
        processed: sum.processed + row.processed,
        duplicate: sum.duplicate + row.duplicate,
        rejected: sum.rejected + row.rejected,
        suppressed: sum.suppressed + row.suppressed,
      }),
      { consumed: 0, processed: 0, duplicate: 0, rejected: 0, suppressed: 0 },
    );

/** The last decision of every submission. */
export function outcomesOf(decisions: readonly ClaimAdjudicated[]): Readonly<Record<string, number>> {
  const last = new Map(decisions.map((decision) => [decision.submissionId, decision.outcome]));
  const counts: Record<string, number> = {};
  for (const outcome of last.values()) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}

/** How submissions stand: by their last decision, and reversed where that was taken back. */
export function standingOutcomesOf(decisions: readonly ClaimAdjudicated[]): Readonly<Record<string, number>> {
  const taken = new Set(decisions.map(({ reverses }) => reverses));
  return outcomesOf(decisions.map((decision) => (taken.has(decision.decisionId) ? { ...decision, outcome: 'reversed' } : decision)));
}

/** What does not balance in a decision, as text; nothing where all does. */
export function imbalancesOf(decision: ClaimAdjudicated): string[] {
  const found: string[] = [];
  const sum = (of: (line: ClaimAdjudicated['lines'][number]) => number): number =>
    decision.lines.reduce((total, line) => total + of(line), 0);
  for (const { line, chargeCents, paidCents, adjustments } of decision.lines) {
    const adjusted = adjustments.reduce((total, { cents }) => total + cents, 0);
    if (paidCents + adjusted !== chargeCents) found.push(`line ${line}: ${paidCents} + ${adjusted} is not ${chargeCents}`);
  }
  if (sum((line) => line.chargeCents) !== decision.chargeCents) found.push('charges do not add up');
  if (sum((line) => line.paidCents) !== decision.paidCents) found.push('payments do not add up');
  if (sum((line) => line.allowedCents) !== decision.allowedCents) found.push('allowed amounts do not add up');
  if (sum((line) => line.patientCents) !== decision.patientCents) found.push('patient shares do not add up');
  return found;
}
