import type { Address, Channel, Pace, Routed, Router, Step } from '../domain/route.ts';
import type { AlertPolicy, StepRule, TeamName } from './policy-schema.ts';
import { isWithin, nextTimeOf } from './ward-time.ts';

type SeverityRules = AlertPolicy['severities']['warning'] | AlertPolicy['severities']['critical'];

const paceOf = (rules: SeverityRules): Pace => ({
  fallbackAfterMs: rules.fallbackAfter,
  acknowledgeWithinMs: rules.acknowledgeWithin,
  leaseMs: rules.lease,
  repeatEveryMs: rules.repeatEvery,
});

const teamAt = (rule: StepRule, zone: string, nowMs: number): TeamName =>
  typeof rule === 'string' ? rule : isWithin(rule, zone, nowMs) ? rule.team : rule.otherwise;

const sameWord = (left: string, right: string): boolean => left.trim().toLowerCase() === right.trim().toLowerCase();

/** The rule of a ward: that of its hospital first, then one for wards of this name anywhere, then the one for all others. */
function rulesOf(policy: AlertPolicy, { hospital, ward }: Routed): AlertPolicy['otherwise'] {
  const named = policy.wards.filter((rule) => sameWord(rule.ward, ward));
  return (
    named.find((rule) => rule.hospital && sameWord(rule.hospital, hospital)) ?? named.find((rule) => !rule.hospital) ?? policy.otherwise
  );
}

/** The steps that can be told at all, by the channels that are both wanted and known for the team. */
function stepsOf(policy: AlertPolicy, teams: readonly TeamName[], channels: readonly Channel[]): readonly Step[] {
  return teams.flatMap((team) => {
    const reach = policy.teams[team] ?? {};
    const [first, ...rest] = channels.flatMap((channel): Address[] => {
      const address = reach[channel];
      return address ? [{ channel, address }] : [];
    });
    return first ? [{ team, chain: [first, ...rest] }] : [];
  });
}

/**
 * Turns the policy into the function that routes an incident: ward, then charge nurse, then rapid response for what is
 * critical; only the first step for everything else; engineering for trouble with delivery itself, by the channels that
 * are not in trouble.
 */
export const createRouter =
  (policy: AlertPolicy): Router =>
  (routed, nowMs) => {
    const { severity, kind, about } = routed;
    const rules = policy.severities[severity];
    const pace = paceOf(rules);
    if (kind === 'operational') {
      const healthy = policy.severities.critical.channels.filter((channel) => channel !== about?.channel);
      return { steps: stepsOf(policy, [policy.engineering], healthy), pace, quietUntil: null };
    }
    const { zone, steps } = rulesOf(policy, routed);
    const told = severity === 'critical' ? steps : steps.slice(0, 1);
    const teams = told.map((rule) => teamAt(rule, zone, nowMs));
    const { quietHours } = rules;
    const quietUntil = quietHours && isWithin(quietHours, zone, nowMs) ? nextTimeOf(quietHours.until, zone, nowMs) : null;
    return { steps: stepsOf(policy, teams, rules.channels), pace, quietUntil };
  };
