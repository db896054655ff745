import { hash } from 'node:crypto';
import { canonicalText } from './canonical-text.ts';
import type { JsonObject } from './read-message.ts';

/** 128 bits of SHA-256 by which a repeated message is recognised. */
export type MessageHash = Uint32Array;

const hashBytes = 16;

/** What is known of a message when its identity is asked for. */
export interface IdentifiedMessage {
  readonly message: JsonObject;
  readonly deviceId: string;
  /** Milliseconds since the epoch. */
  readonly observedAt: number;
  /** The bytes as they came, where parsing lost digits of a number; null otherwise. */
  readonly exactBytes: Buffer | null;
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

const sequenceText = (sequence: unknown): string | null => (typeof sequence === 'number' || isText(sequence) ? String(sequence) : null);

/**
 * What makes two messages the same: the device with its `message_id`, else with its `sequence` at one instant (a restarted
 * monitor counts anew), else with everything the message says: two different messages of one device at one instant are both
 * real, cuff and arterial pressure.
 */
export function identityText({ message, deviceId, observedAt, exactBytes }: IdentifiedMessage): string {
  const device = `${deviceId.length}:${deviceId}`;
  const messageId = message['message_id'];
  // Text loses no digits: a message that names itself is known by its name, however long its numbers are.
  if (exactBytes !== null && !isText(messageId)) return `b${device}${exactBytes.toString('latin1')}`;
  if (isText(messageId) || typeof messageId === 'number') return `i${device}${messageId}`;
  const sequence = sequenceText(message['sequence']);
  return sequence === null ? `c${canonicalText(message)}` : `s${device}${observedAt}:${sequence}`;
}

const digest = Buffer.alloc(hashBytes);
const words: MessageHash = new Uint32Array(digest.buffer, digest.byteOffset, hashBytes / 4);

/** The hash of a message's identity. The array is the same at every call: copy what is kept. */
export function messageHashOf(identified: IdentifiedMessage): MessageHash {
  // As Latin-1 a byte is a character: half the text of hexadecimal digits, and nothing to decode.
  digest.write(hash('sha256', identityText(identified), 'latin1'), 0, hashBytes, 'latin1');
  return words;
}
