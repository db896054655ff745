import { VigilError } from '@vigil/core';
import type { CrossCheck } from './cross-check.ts';
import { findProblems } from './find-problems.ts';
import type { SettingProblem } from './setting-problem.ts';
import type { SettingsOf, SettingsShape } from './setting.ts';

/** The settings of one service as a value: parsed by `runService`, printed by the reference. */
export interface SettingsDefinition<Shape extends SettingsShape = SettingsShape> {
  readonly service: string;
  readonly shape: Shape;
  readonly crossChecks: readonly CrossCheck<Shape>[];
  /**
   * Reads every setting from `env` and freezes the result.
   * @throws BadSettings that lists every problem at once
   */
  parse(env: Readonly<Record<string, string | undefined>>): SettingsOf<Shape>;
}

/** BAD_SETTINGS with its problems one by one. */
export class BadSettings extends VigilError {
  readonly problems: readonly SettingProblem[];

  constructor(service: string, problems: readonly SettingProblem[]) {
    const lines = problems.map(({ env, problem, action }) => `\n  ${env} ${problem}. ${action}`);
    super('BAD_SETTINGS', { detail: `${service}:${lines.join('')}\n` });
    this.problems = problems;
  }
}

/** Declares the settings of `service`; each comes from one environment variable. */
export function defineSettings<const Shape extends SettingsShape>(
  service: string,
  shape: Shape,
  crossChecks: readonly CrossCheck<Shape>[] = [],
): SettingsDefinition<Shape> {
  return {
    service,
    shape,
    crossChecks,
    parse: (env) => {
      const { values, problems } = findProblems({ service, shape, crossChecks }, env);
      if (problems.length > 0) throw new BadSettings(service, problems);
      return Object.freeze(values);
    },
  };
}
