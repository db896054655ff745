export type * from './job/batch-job.ts';
export { departmentClasses, departmentClassOf } from './mappers/department-class.ts';
export { createTrialMapper } from './mappers/map-trial.ts';
export { createVisitMapper } from './mappers/map-visit.ts';
export type { CsvRow, MapperRules } from './mappers/mapper-rules.ts';
