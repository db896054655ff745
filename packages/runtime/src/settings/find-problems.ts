import type { Setting, SettingsOf, SettingsShape } from './setting.ts';
import type { CrossCheck } from './cross-check.ts';
import type { SettingProblem } from './setting-problem.ts';
import { findMisspelt } from './find-misspelt.ts';

interface Declared<Shape extends SettingsShape> {
  readonly service: string;
  readonly shape: Shape;
  readonly crossChecks: readonly CrossCheck<Shape>[];
}

type Environment = Readonly<Record<string, string | undefined>>;

const shownLength = 60;
/** User and password in a URL, which no setting but a secret one should hold, and many do. */
const credentials = /\/\/.*@/;

/** What the reader typed, quoted and bounded; nothing of a secret. */
function quote(declared: Setting, given: string | undefined): string {
  if (given === undefined) return '';
  if (declared.secret) return ' (its value is secret and not shown)';
  return ` (it is ${JSON.stringify(given.replace(credentials, '//…@').slice(0, shownLength))})`;
}

const nonEmpty = (value: string | undefined): string | undefined => (value === '' ? undefined : value);

function readOne(name: string, declared: Setting, env: Environment): { readonly value?: unknown; readonly problem?: SettingProblem } {
  const given = nonEmpty(env[declared.env]);
  const parsed = declared.schema.safeParse(given);
  if (parsed.success) return { value: freeze(parsed.data) };
  const messages = parsed.error.issues.map((issue) => issue.message);
  const said = messages.map((message) => (declared.secret && given !== undefined ? message.replaceAll(given, '…') : message)).join(' and ');
  return {
    problem: { setting: name, env: declared.env, problem: `${said}${quote(declared, given)}`, action: `Set it to: ${declared.doc}` },
  };
}

const freeze = (value: unknown): unknown => (Array.isArray(value) ? Object.freeze(value) : value);

/** Reads every setting; what cannot be read, contradicts another or is misspelt becomes a problem. */
export function findProblems<Shape extends SettingsShape>(
  { service, shape, crossChecks }: Declared<Shape>,
  env: Environment,
): { readonly values: SettingsOf<Shape>; readonly problems: readonly SettingProblem[] } {
  const values: Record<string, unknown> = {};
  const problems: SettingProblem[] = [];
  const unread = new Set<string>();
  for (const [name, declared] of Object.entries(shape)) {
    const { value, problem } = readOne(name, declared, env);
    values[name] = value;
    if (problem === undefined) continue;
    problems.push(problem);
    unread.add(name);
  }
  for (const check of crossChecks) {
    if (check.settings.some((name) => unread.has(name)) || check.holds(values as SettingsOf<Shape>)) continue;
    const names = check.settings.map((name) => shape[name]?.env ?? name);
    problems.push({ setting: check.settings.join(', '), env: names.join(', '), problem: check.problem, action: check.action });
  }
  problems.push(...findMisspelt(service, shape, env));
  return { values: values as SettingsOf<Shape>, problems };
}
