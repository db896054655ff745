/** One thing that is wrong with the settings, without any secret value. */
export interface SettingProblem {
  readonly setting: string;
  readonly env: string;
  readonly problem: string;
  readonly action: string;
}
