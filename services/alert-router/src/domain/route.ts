import type { Severity } from './severity.ts';

export const channels = ['pagerduty', 'slack', 'email'] as const;

/** A way to reach people. */
export type Channel = (typeof channels)[number];

/** One way to reach one team: the name of a PagerDuty or Slack key of the keys file, or a mail address. */
export interface Address {
  readonly channel: Channel;
  readonly address: string;
}

/** People who are told together, by the channels of the chain in the order in which they are tried. */
export interface Step {
  readonly team: string;
  readonly chain: readonly [Address, ...Address[]];
}

/** How an incident is carried to people, in milliseconds. */
export interface Pace {
  /** The next channel of the chain starts when the one before was not accepted for so long. */
  readonly fallbackAfterMs: number;
  /** The next step starts when nobody acknowledged for so long. */
  readonly acknowledgeWithinMs: number;
  /** How long an acknowledgement holds while the condition persists. */
  readonly leaseMs: number;
  /** The last step is told again so often while nobody acknowledges. */
  readonly repeatEveryMs: number;
}

/** Where an incident goes at a moment; without steps it is only recorded. */
export interface Route {
  readonly steps: readonly Step[];
  readonly pace: Pace;
  /** End of the quiet hours now in force; never for critical. */
  readonly quietUntil: number | null;
}

/** What a route depends on. `about`: the channel an operational incident concerns, which therefore does not carry it. */
export interface Routed {
  readonly severity: Severity;
  readonly kind: string;
  readonly hospital: string;
  readonly ward: string;
  readonly about: Address | null;
}

/** The routing policy as a function of the incident and of the time, which decides about shifts and quiet hours. */
export type Router = (routed: Routed, nowMs: number) => Route;
