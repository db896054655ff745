import { topics, type AlertRaised, type ClaimSubmitted, type Topic, type WindowClosed } from '@vigil/contracts';
import { VigilError } from '@vigil/core';

/** How the records of an output topic are held against those of a run. */
export interface ComparedOutput {
  readonly topic: Topic;
  /** What a record is about: the same in both runs, whatever their state was. */
  readonly keyOf: (value: never) => string;
  /** Later records of a key replace earlier ones. */
  readonly revisionOf: (value: never) => number;
  readonly eventTimeOf: (value: never) => number;
  /** Ingestion time of the newest input that went into it. */
  readonly receivedAtOf: (value: never) => number;
  /** Made by the passing of time, not by a record: when that happens depends on when the stage runs. */
  readonly isTimed: (value: never) => boolean;
  /** The fields in which two records of one key must be equal; numbers within 1e-9 relative. */
  readonly compared: readonly string[];
  /** `same`: an output lies on the partition of its input; `key`: anywhere. */
  readonly partitioning: 'same' | 'key';
}

/** A stage with state, replayed beside the live one. */
export interface ReplayableStage {
  readonly name: string;
  /** The program of the fleet that runs it, perhaps beside other stages. */
  readonly program: string;
  /** Whether records of the source are keyed by a token, so that those of one patient can be run. */
  readonly isKeyedByToken: boolean;
  /** Whether a run can take the place of the live stage: whether the stage can make one state of both. */
  readonly takesOver: boolean;
  /** The topic whose range is replayed; the others are tables and read from their beginning. */
  readonly source: Topic;
  /** What the run reads from its beginning, up to where it stood when the run was planned. */
  readonly tables: readonly Topic[];
  /** Clocks of devices may be this far ahead of ours, so what began this long after the start of the scope is whole. */
  readonly settleMs: number;
  readonly outputs: readonly ComparedOutput[];
}

const windows: ComparedOutput = {
  topic: topics.vitalsWindowClosed,
  keyOf: ({ patientToken, vital, windowStart }: WindowClosed) => `${patientToken} ${vital} ${windowStart}`,
  revisionOf: ({ revision }: WindowClosed) => revision,
  eventTimeOf: ({ windowStart }: WindowClosed) => windowStart,
  receivedAtOf: ({ receivedAt }: WindowClosed) => receivedAt,
  isTimed: ({ closedBy }: WindowClosed) => closedBy === 'idle',
  compared: ['sizeMs', 'n', 'min', 'max', 'mean', 'stddev', 'last'],
  partitioning: 'same',
};

const alerts: ComparedOutput = {
  topic: topics.alertRaised,
  keyOf: ({ alertId, change }: AlertRaised) => `${alertId} ${change}`,
  revisionOf: () => 0,
  eventTimeOf: ({ raisedAt }: AlertRaised) => raisedAt,
  receivedAtOf: ({ receivedAt }: AlertRaised) => receivedAt,
  isTimed: ({ rule }: AlertRaised) => rule.startsWith('silent'),
  compared: ['rule', 'vital', 'kind', 'severity', 'historic', 'value', 'threshold', 'missing', 'flags'],
  partitioning: 'same',
};

/** By submission: what a reader or a rule makes of the same received record. */
const submissions: ComparedOutput = {
  topic: topics.claimSubmitted,
  keyOf: ({ submissionId }: ClaimSubmitted) => submissionId,
  revisionOf: () => 0,
  eventTimeOf: ({ receivedAt }: ClaimSubmitted) => receivedAt,
  receivedAtOf: ({ receivedAt }: ClaimSubmitted) => receivedAt,
  isTimed: () => false,
  compared: (topics.claimSubmitted.schema['fields'] as readonly { readonly name: string }[]).map(({ name }) => name),
  partitioning: 'key',
};

export const replayableStages: readonly ReplayableStage[] = [
  {
    name: 'vitals-windowing',
    program: 'vitals-windowing',
    isKeyedByToken: true,
    takesOver: true,
    source: topics.vitalsReadingAccepted,
    tables: [topics.patientChanged],
    settleMs: 5 * 60_000,
    outputs: [windows, alerts],
  },
  {
    name: 'claims-validator-intake',
    program: 'claims-validator',
    isKeyedByToken: false,
    takesOver: false,
    source: topics.claimReceived,
    tables: [],
    settleMs: 0,
    outputs: [submissions],
  },
];

/** @throws VigilError REPLAY_UNSUPPORTED */
export function replayableStage(name: string): ReplayableStage {
  const stage = replayableStages.find((candidate) => candidate.name === name);
  if (stage) return stage;
  const names = replayableStages.map((candidate) => candidate.name).join(', ');
  throw new VigilError('REPLAY_UNSUPPORTED', { detail: `${name} cannot run beside itself yet. Stages that can: ${names}.` });
}
