export type { AdoptedTask, Adoption, AdoptionSides, Reconciled } from './adoption.ts';
export { adoptedTasks, adoptRun, cutoverGroupOf, type AdoptOptions } from './adopt-run.ts';
