import { z } from 'zod';
import { isSignedBy } from '../domain/webhook-signature.ts';
import type { AlertEvents, IncidentBook } from './ports.ts';

const answers: Readonly<Record<string, 'acknowledged' | 'resolved'>> = {
  'incident.acknowledged': 'acknowledged',
  'incident.resolved': 'resolved',
};

/** What is read of a version 3 webhook; everything else in it is left alone. */
const webhookSchema = z.object({
  event: z.object({ event_type: z.string(), data: z.object({ incident_key: z.string().nullish() }) }),
});

export interface WebhookOptions {
  readonly secrets: readonly string[];
  readonly book: Pick<IncidentBook, 'acknowledge'>;
  readonly events: AlertEvents;
  readonly onChanged: () => void;
}

export interface WebhookRequest {
  readonly signature: string | undefined;
  readonly body: Buffer;
}

function parse(body: Buffer): z.infer<typeof webhookSchema> | null {
  try {
    return webhookSchema.safeParse(JSON.parse(body.toString('utf8'))).data ?? null;
  } catch {
    return null;
  }
}

/**
 * Takes an acknowledgement or a resolve of PagerDuty.
 *
 * @returns the status to answer with: 202 also for what concerns nothing of ours, so that it is not sent again
 */
export async function handlePagerDutyWebhook(
  { secrets, book, events, onChanged }: WebhookOptions,
  request: WebhookRequest,
): Promise<number> {
  if (!isSignedBy(secrets, request.signature, request.body)) {
    events.webhookRefused({ reason: 'signature' });
    return 401;
  }
  const webhook = parse(request.body);
  if (webhook === null) {
    events.webhookRefused({ reason: 'shape' });
    return 400;
  }
  const answer = answers[webhook.event.event_type];
  const dedupKey = webhook.event.data.incident_key;
  if (!answer || !dedupKey) return 202;
  const taken = await book.acknowledge(dedupKey);
  events.answered({ answer, taken });
  if (taken) onChanged();
  return 202;
}
