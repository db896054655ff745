import type { ProviderKeys } from '../policy/load-provider-keys.ts';

export interface SenderOptions {
  readonly keys: ProviderKeys;
  /** Base URL of PagerDuty's events API. */
  readonly pagerDutyUrl: string;
  /** Base URL of Slack's webhooks. */
  readonly slackUrl: string;
  readonly smtpUrl: string;
  readonly mailFrom: string;
  /** Where incidents are looked at; the deep link is made from it. */
  readonly consoleUrl: string;
  readonly timeoutMs: number;
}

export const linkTo = (consoleUrl: string, incidentId: string): string =>
  `${consoleUrl.replace(/\/$/, '')}/incidents/${encodeURIComponent(incidentId)}`;
