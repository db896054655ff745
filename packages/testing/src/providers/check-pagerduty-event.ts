import { isObject } from './provider-answer.ts';

const actions = ['trigger', 'acknowledge', 'resolve'];
const severities = ['critical', 'error', 'warning', 'info'];
const routingKeyPattern = /^[0-9A-Za-z]{32}$/;
const maxSummary = 1024;
const maxDedupKey = 255;
const topLevel = ['routing_key', 'event_action', 'dedup_key', 'payload', 'client', 'client_url', 'links', 'images'];
const inPayload = ['summary', 'source', 'severity', 'timestamp', 'component', 'group', 'class', 'custom_details'];

const isFilled = (value: unknown): value is string => typeof value === 'string' && value.trim() !== '';

function checkPayload(payload: unknown): string[] {
  if (!isObject(payload)) return ["'payload' is missing or not an object"];
  const problems: string[] = [];
  if (!isFilled(payload['summary'])) problems.push("'payload.summary' is missing or blank");
  else if (payload['summary'].length > maxSummary) problems.push(`'payload.summary' is longer than ${maxSummary} characters`);
  if (!isFilled(payload['source'])) problems.push("'payload.source' is missing or blank");
  if (!severities.includes(String(payload['severity']))) problems.push(`'payload.severity' must be one of ${severities.join(', ')}`);
  const { timestamp } = payload;
  if (timestamp !== undefined && (typeof timestamp !== 'string' || Number.isNaN(Date.parse(timestamp))))
    problems.push("'payload.timestamp' is not ISO 8601");
  for (const name of Object.keys(payload)) if (!inPayload.includes(name)) problems.push(`'payload.${name}' is not a field of the event`);
  return problems;
}

/**
 * What is wrong with an event of PagerDuty's Events API v2; empty where it is accepted.
 *
 * @see https://developer.pagerduty.com/docs/send-alert-event
 */
export function checkPagerDutyEvent(event: Readonly<Record<string, unknown>>): readonly string[] {
  const problems: string[] = [];
  const { routing_key: routingKey, event_action: action, dedup_key: dedupKey } = event;
  if (typeof routingKey !== 'string' || !routingKeyPattern.test(routingKey)) problems.push("'routing_key' must have 32 characters");
  if (!actions.includes(String(action))) problems.push(`'event_action' must be one of ${actions.join(', ')}`);
  if (dedupKey !== undefined && (!isFilled(dedupKey) || dedupKey.length > maxDedupKey))
    problems.push(`'dedup_key' must have 1 to ${maxDedupKey} characters`);
  if (action === 'trigger') problems.push(...checkPayload(event['payload']));
  else if (dedupKey === undefined) problems.push("'dedup_key' is required to acknowledge or resolve");
  for (const name of Object.keys(event)) if (!topLevel.includes(name)) problems.push(`'${name}' is not a field of the event`);
  return problems;
}
