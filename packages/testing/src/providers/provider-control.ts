import { z } from 'zod';
import { channels, type FaultPlan } from './fault-plan.ts';
import type { AcceptedLog } from './accepted-log.ts';
import { objectOf, type ProviderAnswer } from './provider-answer.ts';
import { sendPagerDutyWebhook } from './send-pagerduty-webhook.ts';

export interface ProviderControl {
  readonly log: AcceptedLog;
  readonly faults: FaultPlan;
  /** Where acknowledgements go; without it a responder cannot answer. */
  readonly webhook?: { readonly url: string; readonly secret: string };
}

const faultSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('fail'), status: z.int().min(400).max(599), retryAfterSeconds: z.number().positive().optional() }),
  z.strictObject({ kind: z.literal('slow'), delayMs: z.int().min(0).max(600_000) }),
  z.strictObject({ kind: z.literal('down') }),
  z.strictObject({ kind: z.literal('deaf') }),
]);
const orderSchema = z.strictObject({ channel: z.enum(channels), fault: faultSchema, times: z.int().positive().optional() });
const responseSchema = z.strictObject({ dedupKey: z.string().min(1), action: z.enum(['acknowledged', 'resolved']) });

const json = (status: number, body: object): ProviderAnswer => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

const misunderstood = (error: z.ZodError): ProviderAnswer => json(400, { problems: z.flattenError(error) });

async function respond({ webhook }: ProviderControl, body: Buffer): Promise<ProviderAnswer> {
  const order = responseSchema.safeParse(objectOf(body));
  if (!order.success) return misunderstood(order.error);
  if (!webhook) return json(409, { problem: 'this stand-in was started without a webhook address' });
  const { dedupKey, action } = order.data;
  const status = await sendPagerDutyWebhook({ ...webhook, dedupKey, eventType: `incident.${action}` });
  return json(200, { webhookStatus: status });
}

function planFault({ faults }: ProviderControl, body: Buffer): ProviderAnswer {
  const order = orderSchema.safeParse(objectOf(body));
  if (!order.success) return misunderstood(order.error);
  const { channel, fault, times } = order.data;
  faults.set(channel, fault, times);
  return json(200, { planned: channel });
}

/** What the stand-in is asked about itself; undefined where the path is none of these. */
export async function answerControl(control: ProviderControl, route: string, body: Buffer): Promise<ProviderAnswer | undefined> {
  const { log, faults } = control;
  switch (route) {
    case 'GET /accepted':
      return json(200, { accepted: log.accepted });
    case 'GET /refused':
      return json(200, { refused: log.refused });
    case 'DELETE /accepted':
      log.clear();
      return json(200, { accepted: [] });
    case 'GET /health':
      return json(200, { status: 'ok' });
    case 'POST /control/faults':
      return planFault(control, body);
    case 'DELETE /control/faults':
      faults.heal();
      return json(200, { healed: true });
    case 'POST /control/respond':
      return respond(control, body);
    default:
      return undefined;
  }
}
