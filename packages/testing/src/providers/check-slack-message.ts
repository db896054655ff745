import { isObject } from './provider-answer.ts';

const maxBlocks = 50;
const maxSectionText = 3000;
const maxText = 40_000;

function checkBlock(block: unknown): string | undefined {
  if (!isObject(block) || typeof block['type'] !== 'string') return 'invalid_blocks';
  if (block['type'] !== 'section') return undefined;
  const { text } = block;
  if (!isObject(text) || typeof text['text'] !== 'string') return 'invalid_blocks';
  return text['text'] === '' || text['text'].length > maxSectionText ? 'invalid_blocks' : undefined;
}

/**
 * Slack's word for what is wrong with a webhook message, or undefined where it is accepted.
 *
 * @see https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
 */
export function checkSlackMessage(message: Readonly<Record<string, unknown>>): string | undefined {
  const { text, blocks } = message;
  if (text === undefined && blocks === undefined) return 'no_text';
  if (text !== undefined && (typeof text !== 'string' || text.trim() === '')) return 'no_text';
  if (typeof text === 'string' && text.length > maxText) return 'msg_too_long';
  if (blocks === undefined) return undefined;
  if (!Array.isArray(blocks) || blocks.length > maxBlocks) return 'invalid_blocks';
  return blocks.map(checkBlock).find((problem) => problem !== undefined);
}
