import { simulateSeed } from '../simulate-seed.ts';

/** A seed whose schedule broke an invariant. */
export interface SeedViolation {
  readonly seed: number;
  readonly invariant: string;
  readonly detail: string;
}

export interface SeedSpan {
  readonly from: number;
  readonly count: number;
}

/**
 * Plays seeds one after the other. What the engine throws past everybody ends a process in production, so a rejection
 * that nobody handles is a violation, too.
 *
 * @param until  looked at after every seed: true = the rest is not played
 */
export async function playSeeds(
  { from, count }: SeedSpan,
  until: (violations: readonly SeedViolation[]) => boolean = () => false,
): Promise<readonly SeedViolation[]> {
  const violations: SeedViolation[] = [];
  let seed = from;
  const unhandled = (error: unknown): void => void violations.push({ seed, invariant: 'ended', detail: `unhandled: ${String(error)}` });
  process.on('unhandledRejection', unhandled);
  try {
    for (; seed < from + count && !until(violations); seed++) {
      try {
        const played = await simulateSeed(seed);
        for (const { invariant, detail } of played.violations) violations.push({ seed, invariant, detail });
      } catch (error) {
        violations.push({ seed, invariant: 'ended', detail: String(error) });
      }
    }
  } finally {
    process.off('unhandledRejection', unhandled);
  }
  return violations;
}
