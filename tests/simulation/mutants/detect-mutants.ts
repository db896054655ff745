import type { SeedSpan } from '../run/play-seeds.ts';
import { detectMutant, type Detection } from './detect-mutant.ts';
import type { Mutant } from './mutant.ts';

export interface MutantHunt extends SeedSpan {
  /** Mutants that are looked for at one time. */
  readonly workers: number;
  readonly onDetected: (detection: Detection) => void;
}

/** Looks for every mutant, some at a time; the answers are in the order of the mutants. */
export async function detectMutants(
  mutants: readonly Mutant[],
  { workers, onDetected, ...span }: MutantHunt,
): Promise<readonly Detection[]> {
  const found: Detection[] = [];
  let next = 0;
  const hunt = async (): Promise<void> => {
    while (next < mutants.length) {
      const at = next++;
      found[at] = await detectMutant(mutants[at] as Mutant, span);
      onDetected(found[at]);
    }
  };
  await Promise.all(Array.from({ length: workers }, hunt));
  return found;
}
