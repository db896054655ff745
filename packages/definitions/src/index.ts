export * from './did-you-mean.ts';
export * from './duration.ts';
export * from './load-definition.ts';
export * from './parse-definition.ts';
export * from './workflow/load-workflow-definition.ts';
export * from './workflow/monitoring-parameters.ts';
export type { TaskDefinition } from './workflow/task-schemas.ts';
export * from './workflow/vital-limits.ts';
export * from './workflow/workflow-schema.ts';
