import { topics } from '@vigil/contracts';
import type { TaskDefinition } from '@vigil/definitions';

/** What one stage does with one topic. */
export interface StageStep {
  /** Consumer group. */
  readonly stage: string;
  readonly topic: string;
  /** Part of the stage whose counts are meant; all of its records pass all of its parts in one commit. */
  readonly subStage?: string;
}

/** A stage of the stream as a task. */
export interface StreamStage {
  /** Along the flow: what the first one writes the next one reads. All must have accounted for all of the batch. */
  readonly steps: readonly StageStep[];
  /** Number of the step whose records are the task's. */
  readonly told: number;
  /** Further steps beside it: other topics of the same stage. */
  readonly alsoTold?: readonly number[];
  /** How many of the first steps read what tasks before wrote; the others read what steps before them wrote. Absent = 1. */
  readonly roots?: number;
}

const adjudicating = (subStage: string): StageStep => ({
  stage: 'claims-validator-adjudicate',
  topic: topics.claimSubmitted.name,
  subStage,
});
const stored = (topic: string): StageStep => ({ stage: 'warehouse-loader.operational', topic });

const single = (step: StageStep): StreamStage => ({ steps: [step], told: 0 });

const ingest = single({ stage: 'device-ingest', topic: topics.vitalsReadingReceived.name });
const windowing = single({ stage: 'vitals-windowing', topic: topics.vitalsReadingAccepted.name });
const alerting = single({ stage: 'alert-router', topic: topics.alertRaised.name });
const storage = single(stored(topics.vitalsReadingAccepted.name));
const validate: StreamStage = {
  steps: [{ stage: 'claims-validator-intake', topic: topics.claimReceived.name }, adjudicating('validate')],
  told: 1,
};
const enrich = single(adjudicating('enrich'));
const coverage = single(adjudicating('coverage'));
const adjudicate: StreamStage = {
  steps: [adjudicating('adjudicate'), stored(topics.claimAdjudicated.name), stored(topics.reviewRequested.name)],
  told: 0,
};

const loaded = (topic: string): StageStep => ({ stage: 'warehouse-loader.warehouse', topic });
const deidentified = (topic: string): StageStep => ({ stage: 'deidentifier', topic });
const warehouse: StreamStage = {
  steps: [
    deidentified(topics.visitRecorded.name),
    deidentified(topics.outcomeRecorded.name),
    loaded(topics.deidVisitRecorded.name),
    loaded(topics.deidOutcomeRecorded.name),
  ],
  told: 2,
  alsoTold: [3],
  roots: 2,
};

/** Sources that devices and gateways fill all the time. */
const streamSources: Readonly<Record<string, StreamStage>> = { medical_devices: ingest };
const functions: Readonly<Record<string, StreamStage>> = { anomaly_detection: windowing, coverage_calculator: coverage };
const destinations: Readonly<Record<string, StreamStage>> = {
  patient_monitoring_db: storage,
  claims_processing_system: adjudicate,
  warehouse,
};

/** The stage of the stream that a task names; undefined = the task is none. */
export function streamStageOf(spec: TaskDefinition): StreamStage | undefined {
  switch (spec.type) {
    case 'streaming':
      return streamSources[spec.source];
    case 'validation':
      return spec.rules === undefined ? undefined : validate;
    case 'transformation':
      if (spec.function !== undefined) return functions[spec.function];
      return spec.enrichment_sources.length > 0 ? enrich : undefined;
    case 'business_logic':
      return functions[spec.function];
    case 'alerting':
      return alerting;
    case 'storage':
    case 'output':
      return destinations[spec.destination];
    default:
      return undefined;
  }
}
