import { didYouMean, durationSchema } from '@vigil/definitions';
import { IANAZone } from 'luxon';
import { z } from 'zod';
import { channels } from '../domain/route.ts';

const name = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'expected a name of small letters, digits and dashes');
const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'expected a time of day such as 07:00');
/** Equal ends could mean the whole day or none of it: nobody should be silent, or told, by a guess. */
const isSpan = ({ from, until }: { readonly from: string; readonly until: string }): boolean => from !== until;
const notASpan = 'the span begins and ends at the same time';
const zone = z.string().refine((text) => IANAZone.isValidZone(text), 'expected a time zone such as America/Chicago');
const chain = z.array(z.enum(channels)).refine((list) => new Set(list).size === list.length, 'a channel is named twice');
const atMost = (limitMs: number, message: string) => durationSchema.refine((ms) => ms > 0 && ms <= limitMs, message);

const second = 1000;
const minute = 60 * second;
const day = 24 * 60 * minute;

/** Rules of patient safety, not of taste: a policy that loosens them does not start. */
const critical = z.strictObject({
  channels: chain
    .refine((list) => list[0] === 'pagerduty', 'a critical alert goes to pagerduty first')
    .refine((list) => list.length >= 2, 'a critical alert needs a second channel to fall back on'),
  fallbackAfter: atMost(10 * second, 'a critical alert falls back within 10s'),
  acknowledgeWithin: atMost(minute, 'a critical alert that nobody acknowledges escalates within 60s'),
  lease: atMost(30 * minute, 'an acknowledgement of a critical alert holds 30min at most'),
  repeatEvery: atMost(10 * minute, 'a critical alert at its last step is repeated every 10min at least'),
  quietHours: z.never({ error: 'a critical alert has no quiet hours' }).optional(),
});

const other = z.strictObject({
  channels: chain,
  fallbackAfter: atMost(day, 'expected a duration of up to 24h'),
  acknowledgeWithin: atMost(day, 'expected a duration of up to 24h'),
  lease: atMost(day, 'expected a duration of up to 24h'),
  repeatEvery: atMost(day, 'expected a duration of up to 24h'),
  quietHours: z.strictObject({ from: timeOfDay, until: timeOfDay }).refine(isSpan, notASpan).optional(),
});

const team = z
  .strictObject({ pagerduty: name.optional(), slack: name.optional(), email: z.email('expected a mail address').optional() })
  .refine((reach) => Object.keys(reach).length > 0, 'a team needs at least one channel');

const isShifts = (input: unknown): boolean =>
  typeof input === 'object' && input !== null && 'from' in input && 'until' in input && input.from === input.until;

/** A team, or one by day and another by night in the ward's own time. */
const shifts = z.strictObject({ from: timeOfDay, until: timeOfDay, team: name, otherwise: name }).refine(isSpan, notASpan);
const step = z.union([name, shifts], {
  error: ({ input }) => (isShifts(input) ? notASpan : 'expected a team, or {from, until, team, otherwise}'),
});

const route = { zone, steps: z.array(step).min(1, 'expected at least one step') };

const policyShape = z.strictObject({
  version: z.literal(1, 'expected version 1'),
  mailFrom: z.email('expected a mail address'),
  severities: z.strictObject({ critical, warning: other, info: other }),
  teams: z.record(name, team),
  wards: z.array(z.strictObject({ hospital: z.string().min(1).optional(), ward: z.string().min(1), ...route })),
  otherwise: z.strictObject(route),
  engineering: name,
});

type Shape = z.infer<typeof policyShape>;
export type TeamName = string;
export type StepRule = Shape['otherwise']['steps'][number];
export type WardRule = Shape['wards'][number];
export type AlertPolicy = Shape;

type Report = (path: PropertyKey[], message: string) => void;

const teamsOf = (rule: StepRule): { key: 'team' | 'otherwise' | null; team: TeamName }[] =>
  typeof rule === 'string'
    ? [{ key: null, team: rule }]
    : [
        { key: 'team', team: rule.team },
        { key: 'otherwise', team: rule.otherwise },
      ];

/** What is wrong with telling a team what this policy tells it; the first step hears of warnings and the like, too. */
function reachProblem({ teams, severities }: AlertPolicy, team: TeamName, isFirst: boolean): string | null {
  const reach = teams[team];
  if (!reach) return `no team is named ${team}${didYouMean(team, Object.keys(teams))}`;
  if (!reach.pagerduty) return `team ${team} cannot be paged: it has no pagerduty key`;
  if (severities.critical.channels.filter((channel) => reach[channel]).length < 2)
    return `team ${team} has no second channel for critical alerts`;
  const unheard = (['warning', 'info'] as const).find((severity) => {
    const { channels: wanted } = severities[severity];
    return isFirst && wanted.length > 0 && !wanted.some((channel) => reach[channel]);
  });
  return unheard ? `team ${team} has no channel for ${unheard} alerts` : null;
}

function checkSteps(policy: AlertPolicy, path: PropertyKey[], steps: readonly StepRule[], report: Report): void {
  for (const [at, rule] of steps.entries()) {
    for (const { key, team } of teamsOf(rule)) {
      const problem = reachProblem(policy, team, at === 0);
      if (problem) report([...path, 'steps', at, ...(key === null ? [] : [key])], problem);
    }
  }
}

function checkWards({ wards }: AlertPolicy, report: Report): void {
  const seen = new Set<string>();
  for (const [at, { hospital = '', ward }] of wards.entries()) {
    const place = `${hospital}\0${ward}`.toLowerCase();
    if (seen.has(place)) report(['wards', at, 'ward'], `ward ${ward} is routed twice`);
    seen.add(place);
  }
}

/** Trouble with one channel is told by another. */
function checkEngineering({ teams, engineering, severities }: AlertPolicy, report: Report): void {
  const reach = teams[engineering];
  if (!reach) report(['engineering'], `no team is named ${engineering}${didYouMean(engineering, Object.keys(teams))}`);
  else if (severities.critical.channels.filter((channel) => reach[channel]).length < 2)
    report(['engineering'], `team ${engineering} needs a second channel, to hear of trouble with the first`);
}

/** Who is told what, when, and by which channels: `infra/alerting/policy.yaml`. Durations are read as milliseconds. */
export const policySchema = policyShape.superRefine((policy, context) => {
  const report: Report = (path, message) => context.addIssue({ code: 'custom', path, message });
  for (const [at, ward] of policy.wards.entries()) checkSteps(policy, ['wards', at], ward.steps, report);
  checkSteps(policy, ['otherwise'], policy.otherwise.steps, report);
  checkWards(policy, report);
  checkEngineering(policy, report);
});
