import type { AlarmPolicy } from './alarms/advance-alarm.ts';
import type { PerVital } from './vitals.ts';
import type { WindowRules } from './windows/window-frames.ts';

/** Limits of the workflow definition, by vital; ±∞ = none. Both ends still belong to the allowed range. */
export interface LimitRules {
  readonly low: PerVital;
  readonly high: PerVital;
  /** A breach at or beyond these is critical, else a warning. */
  readonly criticalLow: PerVital;
  readonly criticalHigh: PerVital;
  /** How far inside its limit a value must be for the alarm to clear. */
  readonly hysteresis: PerVital;
}

/** When a value deviates from the patient's own baseline. */
export interface DeviationRules {
  /** How many standard deviations from the mean. */
  readonly threshold: number;
  /** The baseline is what was accepted in this time before the sample. */
  readonly baselineMs: number;
  /** With fewer readings than `minCount` it reaches back, at most this far. */
  readonly reachMs: number;
  readonly minCount: number;
  /** Least standard deviation assumed, by vital. */
  readonly floor: PerVital;
  /** Least change that matters clinically, by vital. */
  readonly minChange: PerVital;
  /** An open deviation clears below this part of threshold and least change. */
  readonly clearRatio: number;
}

export interface ScoreRules {
  /** A vital that is not in the reading is taken from an earlier one at most this old. */
  readonly maxAgeMs: number;
  readonly criticalFrom: number;
  readonly warningFrom: number;
  /** A critical or warning score clears this many points below. */
  readonly hysteresis: number;
}

export interface TechnicalRules {
  /** A heart rate or respiratory rate of 0 is of the patient, and critical, when another vital was alive this recently. */
  readonly aliveMs: number;
  /** Per vital, how long it may be silent while others are not; 0 = not watched. */
  readonly silentMs: PerVital;
  /** A vital that comes rarely is silent only after this many times its usual interval. */
  readonly silentIntervals: number;
  /** How long a whole patient may be silent, in processing time; 0 = not watched. */
  readonly silentMonitorMs: number;
}

/** All parameters of the service: those of the workflow definition and the settings. */
export interface ClinicalRules {
  /** False = windows only: nothing is assessed and no alert is raised. */
  readonly alerts: boolean;
  readonly windows: WindowRules;
  readonly limits: LimitRules;
  readonly deviation: DeviationRules;
  readonly scores: ScoreRules;
  readonly technical: TechnicalRules;
  readonly alarms: AlarmPolicy;
}
