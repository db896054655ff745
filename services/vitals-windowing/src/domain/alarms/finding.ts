/** `physiological`: of the patient; `technical`: of sensor, lead or monitor. */
export type AlarmKind = 'physiological' | 'technical';
export type Severity = 'critical' | 'warning';

export const ruleCodes = [
  'limit-low',
  'limit-high',
  'deviation',
  'news2',
  'asystole',
  'apnoea',
  'lead-off',
  'implausible',
  'silent',
] as const;
export type RuleCode = (typeof ruleCodes)[number];

/** A rule's condition is met. */
export interface Finding {
  readonly rule: RuleCode;
  /** Index of the vital; `noVital` for rules over several. */
  readonly vital: number;
  readonly kind: AlarmKind;
  readonly severity: Severity;
  readonly value: number | null;
  readonly threshold: number | null;
  /** Parameters that a partial score lacks. */
  readonly missing: readonly string[];
  readonly flags: readonly string[];
}

export const none: readonly string[] = Object.freeze([]);
