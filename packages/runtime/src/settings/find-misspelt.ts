import type { SettingsShape } from './setting.ts';
import type { SettingProblem } from './setting-problem.ts';

const prefixOf = (service: string): string => `VIGIL_${service.toUpperCase().replaceAll('-', '_')}_`;

/** Edits (insert, delete, replace) between two names. */
function editDistance(left: string, right: string): number {
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const replaced = (previous[column - 1] ?? 0) + (left[row - 1] === right[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[right.length] ?? 0;
}

const furthest = 2;

/**
 * Variables that mean nothing to this service and were surely meant to: those with the service's own prefix, and
 * those up to two letters away from a setting that is itself not set. Other services' variables are left alone,
 * because the whole fleet may be started from one environment.
 */
export function findMisspelt(
  service: string,
  shape: SettingsShape,
  env: Readonly<Record<string, string | undefined>>,
): readonly SettingProblem[] {
  const known = Object.values(shape).map((declared) => declared.env);
  const unset = known.filter((name) => env[name] === undefined);
  return Object.keys(env)
    .filter((name) => name.startsWith('VIGIL_') && !known.includes(name))
    .flatMap((name) => {
      const meant = unset.find((candidate) => editDistance(candidate, name) <= furthest);
      if (meant === undefined && !name.startsWith(prefixOf(service))) return [];
      const action = meant === undefined ? 'Remove it; see docs/reference/settings.md.' : `Did you mean ${meant}?`;
      return [{ setting: '', env: name, problem: 'is not a setting', action }];
    });
}
