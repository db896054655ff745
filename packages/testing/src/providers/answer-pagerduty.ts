import type { AcceptedLog } from './accepted-log.ts';
import { checkPagerDutyEvent } from './check-pagerduty-event.ts';
import { objectOf, type ProviderAnswer, type ProviderRequest } from './provider-answer.ts';
import type { RateLimit } from './rate-limit.ts';

const maxBytes = 512 * 1024;

export interface PagerDutyOptions {
  readonly log: AcceptedLog;
  readonly limit: RateLimit;
  /** Routing keys of services that exist; without it any key of the right form. */
  readonly routingKeys?: ReadonlySet<string>;
}

const answer = (status: number, body: object, headers: Readonly<Record<string, string>> = {}): ProviderAnswer => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});

const invalid = (errors: readonly string[]): ProviderAnswer =>
  answer(400, { status: 'invalid event', message: 'Event object is invalid', errors });

/** Answers `POST /v2/enqueue` as PagerDuty does. */
export function answerPagerDuty({ log, limit, routingKeys }: PagerDutyOptions, { body }: ProviderRequest): ProviderAnswer {
  const refuse = (refusal: ProviderAnswer): ProviderAnswer => {
    log.refuse('pagerduty', refusal.status, refusal.body);
    return refusal;
  };
  if (body.length > maxBytes) return refuse(answer(413, { status: 'invalid event', message: 'Event is larger than 512 KB' }));
  const event = objectOf(body);
  if (event === undefined) return refuse(invalid(['the body is not a JSON object']));
  const problems = checkPagerDutyEvent(event);
  if (problems.length > 0) return refuse(invalid(problems));
  const routingKey = String(event['routing_key']);
  if (routingKeys && !routingKeys.has(routingKey)) return refuse(invalid(['Invalid routing key']));
  const waitSeconds = limit.take(routingKey);
  if (waitSeconds > 0)
    return refuse(
      answer(
        429,
        { status: 'throttle exceeded', message: 'Requests for this key are arriving too quickly' },
        { 'retry-after': String(waitSeconds) },
      ),
    );

  const dedupKey = typeof event['dedup_key'] === 'string' ? event['dedup_key'] : `standin-${log.accepted.length}`;
  log.accept('pagerduty', routingKey, event);
  return answer(202, { status: 'success', message: 'Event processed', dedup_key: dedupKey });
}
