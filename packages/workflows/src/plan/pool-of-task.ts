import type { TaskDefinition } from '@vigil/definitions';

/** Functions that are stages of the stream; every other function is work of its own. */
const streamFunctions: readonly string[] = ['anomaly_detection', 'coverage_calculator'];
/** Destinations that a stage of the stream writes; every other one is written by a worker. */
const streamDestinations: readonly string[] = ['claims_processing_system'];

const poolOfFunction = (name: string | undefined): string => (name === undefined || streamFunctions.includes(name) ? 'stream' : 'default');

/**
 * The pool whose workers run a task that names none; null where the reducer runs it itself. Tasks that are stages of the
 * stream go to `stream`, extraction to `batch`, all other work to `default`.
 */
export function poolOfTask(task: TaskDefinition): string | null {
  switch (task.type) {
    case 'workflow':
    case 'approval':
    case 'wait':
      return null;
    case 'batch':
      return task.pool ?? 'batch';
    case 'transformation':
    case 'business_logic':
      return task.pool ?? poolOfFunction(task.function);
    case 'output':
      return task.pool ?? (streamDestinations.includes(task.destination) ? 'stream' : 'default');
    case 'validation':
      return task.pool ?? (task.rules === undefined ? 'default' : 'stream');
    case 'streaming':
    case 'alerting':
    case 'storage':
      return task.pool ?? 'stream';
  }
}
