import { VigilError } from '@vigil/core';
import { limitsOutsidePlausibility, type VitalLimits } from './domain/plausibility.ts';

/**
 * Refuses to start with a workflow definition whose limits could never fire.
 * @throws VigilError BAD_DEFINITION that names every such limit
 */
export function checkLimits(workflow: string, limits: VitalLimits): void {
  const problems = limitsOutsidePlausibility(limits);
  if (problems.length > 0) throw new VigilError('BAD_DEFINITION', { detail: `${workflow}: ${problems.join(' ')}` });
}
