import { createClaimReader, splitClaimBatches } from '@vigil/claim-formats';
import { generate837 } from '@vigil/testing';

export interface ParseRound {
  readonly megabytes: number;
  readonly claims: number;
  readonly seconds: number;
  /** CPU time of the process, its garbage collection included. */
  readonly cpuSeconds: number;
  /** MB (10^6 bytes) a second of CPU time. */
  readonly megabytesPerSecond: number;
}

export interface ParseBench {
  readonly rounds: readonly ParseRound[];
  /** Median over the rounds, MB (10^6 bytes) a second of one core. On a machine that does other work, too, the fastest round says more. */
  readonly megabytesPerSecond: number;
}

const warmUpRounds = 2;

/** An interchange in chunks as a file gives them. */
function chunksOf(claims: number, chunkBytes: number): Buffer[] {
  const whole = Buffer.concat([...generate837({ seed: 20_260_301, claims })]);
  return Array.from({ length: Math.ceil(whole.length / chunkBytes) }, (_, index) =>
    whole.subarray(index * chunkBytes, (index + 1) * chunkBytes),
  );
}

async function parseOnce(chunks: readonly Buffer[]): Promise<ParseRound> {
  const bytes = chunks.reduce((sum, { length }) => sum + length, 0);
  const read = createClaimReader();
  let claims = 0;
  const started = process.hrtime.bigint();
  const cpu = process.cpuUsage();
  const pieces = splitClaimBatches(
    (async function* () {
      yield* chunks;
    })(),
    { source: 'bench', nowMs: 0 },
  );
  for await (const batch of pieces) {
    for (const piece of batch) {
      if (piece.kind !== 'claim') throw new Error(`The generated interchange was not taken: ${piece.kind}`);
      const result = read(piece.received);
      if (!result.ok || result.claim.problems.length > 0) throw new Error('A generated claim does not read well.');
      claims++;
    }
  }
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  const { user, system } = process.cpuUsage(cpu);
  const cpuSeconds = (user + system) / 1e6;
  return { megabytes: bytes / 1e6, claims, seconds, cpuSeconds, megabytesPerSecond: bytes / 1e6 / cpuSeconds };
}

/**
 * Splits and reads a generated 837P (three lines a claim), whole checks included: envelope, structure, elements, and every
 * claim read to its end.
 */
export async function benchClaimsParse({
  claims = 60_000,
  rounds = 5,
}: { readonly claims?: number; readonly rounds?: number } = {}): Promise<ParseBench> {
  const chunks = chunksOf(claims, 64 * 1024);
  // A loader runs for hours: what the compiler does in its first seconds is not its speed.
  for (let round = 0; round < warmUpRounds; round++) await parseOnce(chunks);
  const measured: ParseRound[] = [];
  for (let round = 0; round < rounds; round++) measured.push(await parseOnce(chunks));
  const sorted = measured.map(({ megabytesPerSecond }) => megabytesPerSecond).sort((a, b) => a - b);
  return { rounds: measured, megabytesPerSecond: sorted[Math.floor(sorted.length / 2)] ?? 0 };
}
