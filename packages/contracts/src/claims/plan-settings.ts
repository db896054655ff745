/** One thing in which payers differ: a key of `PlanChanged.settings`. */
export interface PlanSetting {
  readonly key: string;
  /** What it may say, the default first; for a number or an open set of keys a description in angle brackets. */
  readonly values: readonly string[];
  /** The question that the rules leave open, and what each value answers. */
  readonly what: string;
}

const setting = <const Values extends readonly [string, ...string[]]>(key: string, values: Values, what: string) => ({ key, values, what });

/** Every setting of a plan. `docs/reference/claim-rules.md` is generated from this list; the first value is the default. */
export const planSettings = {
  rounding: setting(
    'rounding',
    ['half-up', 'half-even', 'down'],
    'A fraction of a cent in a price or a coinsurance: half a cent goes up (what fee schedules do) or to the even cent, or every fraction is dropped, which favours whoever owes the amount.',
  ),
  unpriced: setting(
    'unpriced',
    ['pend', 'charge', 'deny'],
    'A covered code without a price: a person looks (released, it is allowed as charged), it is allowed as charged, or it is denied CO-147.',
  ),
  mue: setting(
    'mue',
    ['deny', 'cut'],
    'More units than an MUE allows: the line is denied as a whole, as CMS does, or only the units above are.',
  ),
  mueCounts: setting(
    'mue.counts',
    ['day', 'line'],
    'What an MUE counts: all units of the code by one provider on one day, on every claim, or those of one line.',
  ),
  ncciAcrossClaims: setting(
    'ncci.across-claims',
    ['deny', 'off'],
    'Whether NCCI edits and bundles look at other claims of the same provider and day: the column-two code is denied wherever it comes later, and a column-one code after its paid column two goes to a person; or only lines of one claim are compared.',
  ),
  suspectedDuplicate: setting(
    'duplicate.suspected',
    ['pend', 'pay'],
    'The same code on the same day with something different (units, charge, modifiers, provider): a person looks, or it is no duplicate.',
  ),
  unknownProvider: setting(
    'provider.unknown',
    ['deny', 'out-of-network'],
    'A provider that the reference data does not have on the day of service: denied CO-B7, or paid as out of network.',
  ),
  authorizationNumber: setting(
    'authorization.number',
    ['required', 'optional'],
    'Whether the claim itself has to give the number of a prior authorisation, or one on file for member, code and day is enough.',
  ),
  maximumCounts: setting(
    'maximum.counts',
    ['paid', 'allowed'],
    'What counts against a money maximum: what the plan paid, or what it allowed.',
  ),
  maximumNetwork: setting(
    'maximum.network',
    ['combined', 'separate'],
    'Whether a visit or money maximum is one for both networks or one for each.',
  ),
  cobMethod: setting(
    'cob.method',
    ['standard', 'carve-out', 'maintenance-of-benefits'],
    'What a later payer pays: its own benefit up to what the payer before left to the patient (come out whole); its own benefit less what was paid before (nonduplication); or its benefit on what the payer before left of the allowed amount.',
  ),
  cobDeductible: setting(
    'cob.deductible',
    ['credited', 'owed'],
    'What counts against the deductible behind another payer: the deductible of the own benefit, whoever bore it, or only what of it the patient still owes.',
  ),
  familyDeductible: setting(
    'deductible.family',
    ['embedded', 'aggregate'],
    'With a family deductible: each member has the individual one, too (the first of the two that is met ends it), or only the family’s counts.',
  ),
} satisfies Record<string, PlanSetting>;

/** Settings whose keys or values are open. */
export const openPlanSettings: readonly PlanSetting[] = [
  {
    key: 'group.<CARC>',
    values: ['<as in the list of rules>', 'CO', 'PR', 'OA', 'PI'],
    what: 'The group code of a denial or reduction for that reason: who bears it. `group.45` of a plan whose members pay the balance out of network is PR.',
  },
  {
    key: 'review.second-person-cents',
    values: ['<the service’s setting>', '<cents>'],
    what: 'Above this charge a review needs two people.',
  },
];

type Name = keyof typeof planSettings;
export type PlanSettingValues = { readonly [Key in Name]: (typeof planSettings)[Key]['values'][number] };

/** The charge above which a plan wants two people in a review; null = it does not say. */
export function secondPersonCentsOf(settings: Readonly<Record<string, string>>): number | null {
  const told = settings['review.second-person-cents'];
  return told !== undefined && isKnown('review.second-person-cents', told) ? Number(told) : null;
}

const byKey = new Map<string, PlanSetting>(Object.values(planSettings).map((one) => [one.key, one]));
const groupCodes = new Set(['CO', 'PR', 'OA', 'PI']);

function isKnown(key: string, value: string): boolean {
  if (key.startsWith('group.')) return groupCodes.has(value);
  if (key === 'review.second-person-cents') return /^\d{1,15}$/.test(value);
  return byKey.get(key)?.values.includes(value) ?? false;
}

/** Settings that mean nothing, as `key=value`; a loader refuses a plan that has one, adjudication takes the default. */
export const planSettingProblems = (settings: Readonly<Record<string, string>>): string[] =>
  Object.entries(settings)
    .filter(([key, value]) => !isKnown(key, value))
    .map(([key, value]) => `${key}=${value}`);

/** What a plan chose, defaults filled in. */
export function readPlanSettings(settings: Readonly<Record<string, string>>): PlanSettingValues {
  const entries = Object.entries(planSettings).map(([name, { key, values }]) => {
    const told = settings[key];
    return [name, told !== undefined && isKnown(key, told) ? told : values[0]] as const;
  });
  return Object.fromEntries(entries) as unknown as PlanSettingValues;
}
