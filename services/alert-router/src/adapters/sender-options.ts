import type { ProviderKeys } from '../policy/load-provider-keys.ts';

export interface SenderOptions {
  readonly keys: ProviderKeys;
  /** Base URL of PagerDuty's events API. */
  readonly pagerDutyUrl: string;
  /** Base URL of Slack's webhooks. */
  readonly slackUrl: string;
  readonly smtpUrl: string;
  readonly mailFrom: string;
  /** Address that shows an incident, `{incident}` standing for its id. Without it messages have no link. */
  readonly incidentUrl?: string | undefined;
  readonly timeoutMs: number;
}

/** Null = there is nothing to open. */
export const linkTo = ({ incidentUrl }: Pick<SenderOptions, 'incidentUrl'>, incidentId: string): string | null =>
  incidentUrl?.replaceAll('{incident}', encodeURIComponent(incidentId)) ?? null;
