import type { Sender } from '../handlers/ports.ts';
import { postJson } from './post-json.ts';
import { linkTo, type SenderOptions } from './sender-options.ts';

const maxSectionText = 3000;

/** Slack's three control characters; nothing of ours holds them today. */
const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/**
 * Sends to a Slack incoming webhook, which has taken a message only when it answers `ok`.
 *
 * @see https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
 */
export const createSlackSender =
  ({ keys, slackUrl, incidentUrl, timeoutMs }: SenderOptions): Sender =>
  ({ address, text }) => {
    const summary = escape(text.summary);
    const link = linkTo({ incidentUrl }, text.incidentId);
    const section = `*${summary}*\n${link === null ? `Incident ${text.incidentId}` : `<${escape(link)}|Open the incident>`}`;
    const body = { text: summary, blocks: [{ type: 'section', text: { type: 'mrkdwn', text: section.slice(0, maxSectionText) } }] };
    const url = new URL(`/services/${keys.slack[address]}`, slackUrl).href;
    return postJson({ url, body, timeoutMs, isTaken: (answer) => answer.trim() === 'ok' });
  };
