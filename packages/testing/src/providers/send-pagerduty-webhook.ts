import { createHmac, randomUUID } from 'node:crypto';

export interface PagerDutyWebhook {
  readonly url: string;
  /** Shared secret of the webhook subscription. */
  readonly secret: string;
  readonly eventType: 'incident.acknowledged' | 'incident.resolved' | 'incident.triggered';
  /** The dedup key of the event that opened the incident. */
  readonly dedupKey: string;
  /** Id of the webhook event: equal for a repeated delivery. */
  readonly eventId?: string;
}

/** `v1=<hex HMAC-SHA256(raw body)>`, as the header `X-PagerDuty-Signature` carries it. */
export const pagerDutySignature = (secret: string, body: Buffer | string): string =>
  `v1=${createHmac('sha256', secret).update(body).digest('hex')}`;

/** The body of a version 3 webhook. */
export const pagerDutyWebhookBody = ({ eventType, dedupKey, eventId = randomUUID() }: Omit<PagerDutyWebhook, 'url' | 'secret'>): string =>
  JSON.stringify({
    event: {
      id: eventId,
      event_type: eventType,
      resource_type: 'incident',
      occurred_at: new Date().toISOString(),
      agent: { id: 'PSTANDIN', type: 'user_reference', summary: 'Stand-in responder' },
      client: null,
      data: {
        id: `Q${eventId.replaceAll('-', '').slice(0, 13).toUpperCase()}`,
        type: 'incident',
        number: 1,
        status: eventType.slice('incident.'.length),
        incident_key: dedupKey,
        title: 'stand-in incident',
      },
    },
  });

/** Delivers a webhook as PagerDuty does and returns the status of the answer. */
export async function sendPagerDutyWebhook(webhook: PagerDutyWebhook): Promise<number> {
  const body = pagerDutyWebhookBody(webhook);
  const response = await fetch(webhook.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-pagerduty-signature': pagerDutySignature(webhook.secret, body) },
    body,
    signal: AbortSignal.timeout(5000),
  });
  await response.arrayBuffer();
  return response.status;
}
