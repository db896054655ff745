import type { Sender } from '../handlers/ports.ts';
import { postJson } from './post-json.ts';
import { linkTo, type SenderOptions } from './sender-options.ts';

const maxSummary = 1024;
const accepted = 202;
const source = 'vigil-alert-router';

/**
 * Sends to PagerDuty's Events API v2.
 *
 * @see https://developer.pagerduty.com/docs/send-alert-event
 */
export const createPagerDutySender =
  ({ keys, pagerDutyUrl, incidentUrl, timeoutMs }: SenderOptions): Sender =>
  ({ address, action, dedupKey, text }) => {
    const link = linkTo({ incidentUrl }, text.incidentId);
    const toOpen = link === null ? {} : { client_url: link, links: [{ href: link, text: 'Open the incident' }] };
    const event = { routing_key: keys.pagerduty[address], event_action: action, dedup_key: dedupKey };
    const payload = { summary: text.summary.slice(0, maxSummary), source, severity: text.severity };
    const trigger = { ...event, payload, client: 'Vigil', ...toOpen };
    return postJson({
      url: new URL('/v2/enqueue', pagerDutyUrl).href,
      body: action === 'trigger' ? trigger : event,
      timeoutMs,
      isTaken: (_answer, status) => status === accepted,
    });
  };
