import type { AcceptedLog } from './accepted-log.ts';
import { checkSlackMessage } from './check-slack-message.ts';
import { objectOf, type ProviderAnswer, type ProviderRequest } from './provider-answer.ts';
import type { RateLimit } from './rate-limit.ts';

const pathPattern = /^\/services\/T[0-9A-Z]+\/B[0-9A-Z]+\/[0-9A-Za-z]{8,}$/;

export interface SlackOptions {
  readonly log: AcceptedLog;
  readonly limit: RateLimit;
  /** Paths of webhooks that exist; without it any path of the right form. */
  readonly webhooks?: ReadonlySet<string>;
  /** Paths of webhooks that were revoked: 403. */
  readonly revoked?: ReadonlySet<string>;
}

const answer = (status: number, body: string, headers: Readonly<Record<string, string>> = {}): ProviderAnswer => ({
  status,
  headers: { 'content-type': 'text/html', ...headers },
  body,
});

/** Answers `POST /services/T…/B…/…` as Slack's incoming webhooks do: 200 with the body `ok`, or a word that says why not. */
export function answerSlack({ log, limit, webhooks, revoked }: SlackOptions, { path, body, contentType }: ProviderRequest): ProviderAnswer {
  const refuse = (refusal: ProviderAnswer): ProviderAnswer => {
    log.refuse('slack', refusal.status, refusal.body);
    return refusal;
  };
  if (!pathPattern.test(path) || (webhooks && !webhooks.has(path))) return refuse(answer(404, 'no_service'));
  if (revoked?.has(path)) return refuse(answer(403, 'invalid_token'));
  const message = contentType.startsWith('application/json') ? objectOf(body) : undefined;
  if (message === undefined) return refuse(answer(400, 'invalid_payload'));
  const problem = checkSlackMessage(message);
  if (problem !== undefined) return refuse(answer(400, problem));
  const waitSeconds = limit.take(path);
  if (waitSeconds > 0) return refuse(answer(429, 'rate_limited', { 'retry-after': String(waitSeconds) }));
  log.accept('slack', path, message);
  return answer(200, 'ok');
}
