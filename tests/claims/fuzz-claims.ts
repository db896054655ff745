import { dispositionsOf, imbalancesOf, openClaimsChain, outcomesOf, shippedReference } from './claims-chain.ts';
import { mutatedInputs } from './mutated-claims.ts';

export interface FuzzReport {
  readonly seed: number;
  readonly made: number;
  readonly received: number;
  readonly rejectedClaims: number;
  readonly intake: ReturnType<typeof dispositionsOf>;
  readonly adjudicated: ReturnType<typeof dispositionsOf>;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly quarantineCodes: Readonly<Record<string, number>>;
  /** Whatever does not add up; empty when all is accounted for. */
  readonly problems: readonly string[];
}

const inputsAtOnce = 200;

/** Sends mutated claims and interchanges through the whole chain and holds every count against the others. */
export async function fuzzClaims(seed: number, claims: number): Promise<FuzzReport> {
  const chain = await openClaimsChain({ reference: await shippedReference(), nowMs: Date.UTC(2026, 5, 1) });
  const sum = { made: 0, received: 0, rejectedClaims: 0 };
  let batch: { readonly name: string; readonly bytes: Buffer; readonly claims: number }[] = [];
  const send = async (): Promise<void> => {
    const { received, rejectedClaims } = await chain.send(batch);
    sum.made += batch.reduce((total, input) => total + input.claims, 0);
    sum.received += received;
    sum.rejectedClaims += rejectedClaims;
    batch = [];
  };
  for (const input of mutatedInputs(seed, claims)) {
    batch.push(input);
    if (batch.length === inputsAtOnce) await send();
  }
  await send();

  const intake = dispositionsOf(chain.intakeLedger());
  const adjudicated = dispositionsOf(chain.adjudicateLedger().filter(({ topic }) => topic === 'claims.claim.submitted.v1'));
  const outcomes = outcomesOf(chain.decisions());
  const codes: Record<string, number> = {};
  for (const code of chain.quarantined()) codes[code] = (codes[code] ?? 0) + 1;
  const decided = Object.values(outcomes).reduce((total, count) => total + count, 0);
  const expectations: readonly (readonly [string, number, number])[] = [
    ['received and consumed', sum.received, intake.consumed],
    ['consumed and accounted for', intake.consumed, intake.processed + intake.duplicate + intake.rejected + intake.suppressed],
    ['submitted and consumed', intake.processed, adjudicated.consumed],
    ['submitted and decided', adjudicated.consumed, decided + adjudicated.rejected],
    ['rejected and in quarantine', intake.rejected + adjudicated.rejected, chain.quarantined().length],
    ['faults of our own', codes['PROCESSOR_FAULT'] ?? 0, 0],
  ];
  const problems = [
    ...expectations.filter(([, a, b]) => a !== b).map(([what, a, b]) => `${what}: ${a} and ${b}`),
    ...chain.decisions().flatMap((decision) => imbalancesOf(decision).map((problem) => `${decision.submissionId}: ${problem}`)),
  ];
  return { seed, ...sum, intake, adjudicated, outcomes, quarantineCodes: codes, problems };
}
