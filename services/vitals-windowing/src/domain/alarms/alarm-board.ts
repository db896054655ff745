import type { ReadingAccepted } from '@vigil/contracts';
import type { Patient } from '../patient/patient.ts';
import {
  endEpisode,
  meetCondition,
  meetConditionLate,
  releaseCondition,
  type AlarmChange,
  type AlarmPolicy,
  type AlarmStep,
} from './advance-alarm.ts';
import type { AlarmTrack } from './alarm-track.ts';
import type { Finding, RuleCode } from './finding.ts';

const noChanges: readonly AlarmChange[] = Object.freeze([]);

/** The alarms of one patient as one reading moves them. */
export class AlarmBoard {
  #changes: AlarmChange[] | null = null;
  readonly #patient: Patient;
  readonly #reading: Pick<ReadingAccepted, 'observedAt' | 'historic'>;
  readonly #policy: AlarmPolicy;

  constructor(patient: Patient, reading: Pick<ReadingAccepted, 'observedAt' | 'historic'>, policy: AlarmPolicy) {
    this.#patient = patient;
    this.#reading = reading;
    this.#policy = policy;
  }

  /** What became of alarms, in order. */
  get changes(): readonly AlarmChange[] {
    return this.#changes ?? noChanges;
  }

  meet(finding: Finding): void {
    const current = this.#patient.alarmOf(finding.rule, finding.vital);
    this.#settle(current, meetCondition(current, finding, this.#moment(), this.#policy));
  }

  meetLate(finding: Finding): void {
    const current = this.#patient.alarmOf(finding.rule, finding.vital);
    this.#settle(current, meetConditionLate(current, finding, this.#moment(), this.#policy));
  }

  release(rule: RuleCode, vital: number): void {
    const current = this.open(rule, vital);
    if (current !== undefined) this.#settle(current, releaseCondition(current, this.#reading.observedAt, this.#policy));
  }

  /** The condition is not met, and not yet gone either: what is pending has not persisted, what is raised stays. */
  withdraw(rule: RuleCode, vital: number): void {
    if (this.open(rule, vital)?.phase === 'pending') this.release(rule, vital);
  }

  end(rule: RuleCode, vital: number): void {
    const current = this.open(rule, vital);
    if (current !== undefined) this.#settle(current, endEpisode(current, this.#reading.observedAt));
  }

  /** The alarm when it is pending or raised. */
  open(rule: RuleCode, vital: number): AlarmTrack | undefined {
    const { alarms } = this.#patient;
    if (alarms.length === 0) return undefined;
    const track = this.#patient.alarmOf(rule, vital);
    return track?.phase === 'idle' ? undefined : track;
  }

  #moment() {
    return { atMs: this.#reading.observedAt, historic: this.#reading.historic };
  }

  #settle(current: AlarmTrack | undefined, { track, changes }: AlarmStep): void {
    if (track !== current) this.#patient.setAlarm(current, track);
    if (changes.length > 0) (this.#changes ??= []).push(...changes);
  }
}
