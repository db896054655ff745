import { VigilError } from '@vigil/core';
import { anomalyParametersSchema } from './function-parameters.ts';
import { tasksOfType, vitalLimitsOf, type VitalLimits } from './vital-limits.ts';
import type { WorkflowDefinition } from './workflow-schema.ts';

/** What a patient-monitoring workflow asks of the stream. */
export interface MonitoringParameters {
  readonly limits: VitalLimits;
  /** How many standard deviations from the baseline are a deviation. */
  readonly deviationThreshold: number;
  readonly windowMs: number;
  /** How long a critical condition must persist, in event time, before it is raised. */
  readonly criticalDelayMs: number;
  readonly warningDelayMs: number;
}

/**
 * @throws VigilError BAD_DEFINITION that names every part which a monitoring workflow needs and this one lacks
 */
export function monitoringParametersOf(definition: WorkflowDefinition): MonitoringParameters {
  const detection = tasksOfType(definition, 'transformation').find((task) => task.function === 'anomaly_detection');
  const conditions = Object.assign({}, ...tasksOfType(definition, 'alerting').flatMap((task) => task.conditions)) as {
    critical_anomaly?: number;
    warning_anomaly?: number;
  };
  const { threshold, window_size: windowMs } = anomalyParametersSchema.parse(detection?.parameters ?? {});
  const { critical_anomaly: criticalDelayMs, warning_anomaly: warningDelayMs } = conditions;
  if (threshold === undefined || windowMs === undefined || criticalDelayMs === undefined || warningDelayMs === undefined) {
    const lacking = [
      threshold === undefined && 'parameters.threshold of an anomaly_detection task',
      windowMs === undefined && 'parameters.window_size of an anomaly_detection task',
      criticalDelayMs === undefined && 'the condition critical_anomaly of an alerting task',
      warningDelayMs === undefined && 'the condition warning_anomaly of an alerting task',
    ].filter(Boolean);
    throw new VigilError('BAD_DEFINITION', { detail: `${definition.name} lacks ${lacking.join(', ')}.` });
  }
  return { limits: vitalLimitsOf(definition), deviationThreshold: threshold, windowMs, criticalDelayMs, warningDelayMs };
}
