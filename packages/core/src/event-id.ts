import { hash } from 'node:crypto';

/** Where a record first stood: this is its identity, also after a requeue. */
export interface Origin {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** A part of an id as it is hashed. */
export const idPart = (part: string | number): string => {
  const written = String(part);
  return `${written.length}:${written}`;
};

/**
 * The id of parts that are one text already: `hashId(a, b)` is `idOfParts(idPart(a) + idPart(b))`, and ids that have parts in
 * common need not write them again. One call over one string, as a hash object with an update per part takes three times as
 * long, and ids are made per record.
 */
export const idOfParts = (text: string): string => hash('sha256', text, 'hex').slice(0, 32);

/** 128 bits of SHA-256 over the parts, as 32 hexadecimal digits. Parts are length-prefixed so that none can run into the next. */
export function hashId(...parts: readonly (string | number)[]): string {
  let text = '';
  for (const part of parts) text += idPart(part);
  return idOfParts(text);
}

/** Records come in runs of one partition: what their ids begin with is written once. */
const run = { topic: '', partition: Number.NaN, text: '' };

/** The deterministic id of an event: the same origin gives the same id on every repeat. `hashId` of `event` and the origin. */
export function eventIdOf({ topic, partition, offset }: Origin, ordinal = 0): string {
  if (run.partition !== partition || run.topic !== topic) {
    run.text = idPart('event') + idPart(topic) + idPart(partition);
    run.topic = topic;
    run.partition = partition;
  }
  return idOfParts(run.text + idPart(offset) + idPart(ordinal));
}

/** A 32-digit id in the form of a UUID (RFC 9562, version 8: bits of our own choosing). */
export function toUuid(id: string): string {
  const variant = ((Number.parseInt(id[16] ?? '0', 16) & 0x3) | 0x8).toString(16);
  return `${id.slice(0, 8)}-${id.slice(8, 12)}-8${id.slice(13, 16)}-${variant}${id.slice(17, 20)}-${id.slice(20, 32)}`;
}
