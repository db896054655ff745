import type { Clock } from '@vigil/core';
import type { ProviderChannel } from './fault-plan.ts';

/** Something a provider took, as it came. */
export interface Accepted {
  readonly channel: ProviderChannel;
  /** Routing key, webhook path or mail address it was sent to. */
  readonly recipient: string;
  /** Milliseconds since the epoch at which the last byte had arrived. */
  readonly acceptedAtMs: number;
  readonly acceptedAt: string;
  /** PagerDuty event, Slack message, or `{from, to, subject, text}` of a mail. */
  readonly message: Readonly<Record<string, unknown>>;
}

/** A request that was refused, for tests of the sender. */
export interface Refused {
  readonly channel: ProviderChannel;
  readonly status: number;
  readonly reason: string;
  readonly refusedAtMs: number;
}

export interface AcceptedLog {
  accept(channel: ProviderChannel, recipient: string, message: Readonly<Record<string, unknown>>): void;
  refuse(channel: ProviderChannel, status: number, reason: string): void;
  readonly accepted: readonly Accepted[];
  readonly refused: readonly Refused[];
  clear(): void;
}

/** The newest are kept: a stand-in that runs for days must not grow without end. */
const mostKept = 100_000;

export function createAcceptedLog(clock: Clock): AcceptedLog {
  const accepted: Accepted[] = [];
  const refused: Refused[] = [];
  const keep = <Entry>(list: Entry[], entry: Entry): void => {
    list.push(entry);
    if (list.length > mostKept) list.shift();
  };
  return {
    accept: (channel, recipient, message) => {
      const acceptedAtMs = clock.now();
      keep(accepted, { channel, recipient, acceptedAtMs, acceptedAt: new Date(acceptedAtMs).toISOString(), message });
    },
    refuse: (channel, status, reason) => keep(refused, { channel, status, reason, refusedAtMs: clock.now() }),
    accepted,
    refused,
    clear: () => {
      accepted.length = 0;
      refused.length = 0;
    },
  };
}
