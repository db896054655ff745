import { VigilError } from '@vigil/core';
import type { DeidPlan, DeidStep } from '@vigil/contracts';
import { ageGroupOf } from './age-group.ts';
import { createBoundedCache } from './bounded-cache.ts';
import { isClaimNumber, keptNumber } from './claim-amounts.ts';
import { claimCodes, recordCodes } from './claim-codes.ts';
import { closedWordsOf, codeFields } from './closed-sets.ts';
import type { Dataset, PatientMask } from './dataset.ts';
import { isDeviceName, type DeviceWords } from './device-name.ts';
import { isPlainText } from './plain-text.ts';
import { zip3Of, type RestrictedZip3 } from './zip3.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** What the rules of one record may use. */
export interface Subject {
  readonly mask: PatientMask;
  readonly dataset: Dataset;
  /** Ingestion time: ages are meant at it, so that a replay gives the same. */
  readonly atMs: number;
  /** Texts of this record's own dropped identifiers in small letters: a kept text that holds one does not leave. */
  readonly identifiers: readonly string[];
  /** Whether the amounts of a claim may leave (`areAmountsPlausible`). */
  readonly amountsLeave: boolean;
}

export interface Rules {
  readonly restrictedZip3: RestrictedZip3;
  readonly deviceWords: DeviceWords;
}

/** Makes the derived record; undefined when a rule cannot be applied: then nothing of the record leaves. */
export type Deidentify = (source: Fields, subject: Subject) => Fields | undefined;

/** The value of one target field; undefined = the rule cannot be applied. */
type Step = (value: unknown, subject: Subject) => unknown;

/** Kept texts are few and come again and again, so a verdict on one is remembered. */
const rememberedTexts = 4096;

/** What a device tells of itself; every other kept text is a code: of our own stages, or of a claim, visit or trial (`claimCodes`, `recordCodes`). */
const deviceTexts: ReadonlySet<string> = new Set(['deviceClass', 'deviceModel']);

/** Which texts of a field may leave. */
function mayLeaveFrom(field: string, rules: Rules): (text: string) => boolean {
  if (deviceTexts.has(field)) return (text) => isDeviceName(text, rules.deviceWords);
  return claimCodes[field] ?? recordCodes[field] ?? isPlainText;
}

/** Whether a kept text holds an identifier of its own record: in a code only the whole text is one. */
const holdsIn =
  (field: string) =>
  (folded: string, identifiers: readonly string[]): boolean =>
    codeFields.has(field) ? identifiers.includes(folded) : identifiers.some((identifier) => folded.includes(identifier));

function createKeepText(field: string, rules: Rules): (text: string, subject: Subject) => string | null {
  const mayLeave = mayLeaveFrom(field, rules);
  const closed = closedWordsOf(field);
  const holds = holdsIn(field);
  const verdictOf = createBoundedCache(rememberedTexts, (text) => ({ leaves: mayLeave(text), folded: text.toLowerCase() }));
  return (text, { identifiers }) => {
    if (closed.has(text)) return text;
    const { leaves, folded } = verdictOf(text);
    return leaves && !holds(folded, identifiers) ? text : null;
  };
}

function createKeep(field: string, rules: Rules): Step {
  const keptText = createKeepText(field, rules);
  const isBounded = isClaimNumber(field);
  return function keep(value: unknown, subject: Subject): unknown {
    if (typeof value === 'string') return keptText(value, subject);
    if (Array.isArray(value)) return value.map((item) => keep(item, subject)).filter((item) => item !== null);
    return isBounded && typeof value === 'number' ? keptNumber(field, value, subject.amountsLeave) : value;
  };
}

const aTime =
  (use: (timeMs: number, subject: Subject) => number): Step =>
  (value, subject) => {
    if (value === null) return null;
    if (!Number.isSafeInteger(value)) return undefined;
    const result = use(value as number, subject);
    return Number.isSafeInteger(result) ? result : undefined;
  };

const aText =
  (use: (text: string, subject: Subject) => string): Step =>
  (value, subject) =>
    typeof value === 'string' && value !== '' ? use(value, subject) : undefined;

const optional =
  <Value>(is: (value: unknown) => value is Value, use: (value: Value | null, subject: Subject) => string | null): Step =>
  (value, subject) =>
    value === null || is(value) ? use(value, subject) : undefined;

const isWholeNumber = (value: unknown): value is number => Number.isSafeInteger(value);
const isText = (value: unknown): value is string => typeof value === 'string';

const anId = aText((id, { dataset }) => dataset.idOf(id));

const dayMs = 86_400_000;
const yearOf = (timeMs: number): number => new Date(timeMs).getUTCFullYear();

function nestedStep(step: Extract<DeidStep, { rule: 'nested' }>, rules: Rules): Step {
  const inner = compilePlan(step.plan, rules);
  const one: Step = (value, subject) => (typeof value === 'object' && value !== null ? inner(value as Fields, subject) : undefined);
  return (value, subject) => {
    if (value === null) return null;
    if (step.shape === 'one') return one(value, subject);
    if (!Array.isArray(value)) return undefined;
    const items = value.map((item) => one(item, subject));
    return items.includes(undefined) ? undefined : items;
  };
}

/** @param isIdentity  whether the derived record is known by this field: then it must be there; another id may be absent */
function compileStep(
  step: DeidStep,
  { rules, record, isIdentity }: { readonly rules: Rules; readonly record: string; readonly isIdentity: boolean },
): Step {
  switch (step.rule) {
    case 'keep':
      return createKeep(step.source, rules);
    case 'nested':
      return nestedStep(step, rules);
    case 'pseudonym':
      return aText((_token, { mask }) => mask.pseudonym);
    case 'keyed-id':
      return isIdentity ? anId : (value, subject) => (value === null || value === '' ? null : anId(value, subject));
    case 'elapsed':
      return aTime((timeMs, { mask }) => timeMs + mask.elapsedOffsetMs);
    case 'approx-year':
      return aTime((time, { mask }) => yearOf((step.unit === 'days' ? time * dayMs : time) + mask.yearOffsetMs));
    case 'age-group':
      return optional(isWholeNumber, (birthDay, { atMs }) => ageGroupOf(birthDay, atMs));
    case 'zip3':
      return optional(isText, (zip) => zip3Of(zip, rules.restrictedZip3));
    default:
      return unknownRule(step, record);
  }
}

/** A rule of a newer schema than this code: refuse to start rather than guess. */
function unknownRule(step: never, record: string): never {
  const { rule, source } = step as { rule: string; source: string };
  throw new VigilError('BAD_DEFINITION', { detail: `Field ${source} of ${record} has the unknown de-identification rule ${rule}.` });
}

/**
 * Compiles a plan once into a function without look-ups. Copying is by allow-list: what no step names does not leave.
 * @throws VigilError BAD_DEFINITION for a rule it does not know, or steps for fields the schema does not have
 */
export function compilePlan(plan: DeidPlan, rules: Rules): Deidentify {
  const identity = plan.steps.find(({ rule }) => rule === 'keyed-id');
  const steps = plan.steps.map((step) => {
    if (!plan.knownFields.includes(step.source)) {
      throw new VigilError('BAD_DEFINITION', { detail: `${plan.record} has no field ${step.source} to derive ${step.target} from.` });
    }
    return {
      source: step.source,
      target: step.target,
      apply: compileStep(step, { rules, record: plan.record, isIdentity: step === identity }),
    };
  });
  return (source, subject) => {
    const derived: Record<string, unknown> = {};
    for (const { source: from, target, apply } of steps) {
      const value = source[from];
      // A kept value may be undefined only where the record lacks the field.
      const result = value === undefined ? undefined : apply(value, subject);
      if (result === undefined) return undefined;
      derived[target] = result;
    }
    return derived;
  };
}
