import type { SettingsOf, SettingsShape } from './setting.ts';

/** A rule over several settings. It is only asked when each of them could be read. */
export interface CrossCheck<Shape extends SettingsShape> {
  readonly settings: readonly (keyof Shape & string)[];
  holds(values: SettingsOf<Shape>): boolean;
  /** What is wrong when it does not hold, for example `is not below VIGIL_MAX`. */
  readonly problem: string;
  /** What to do about it. */
  readonly action: string;
}
