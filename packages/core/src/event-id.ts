import { createHash } from 'node:crypto';

/** Where a record first stood: this is its identity, also after a requeue. */
export interface Origin {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** 128 bits of SHA-256 over the parts, as 32 hexadecimal digits. Parts are length-prefixed so that none can run into the next. */
export function hashId(...parts: readonly (string | number)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) {
    const text = String(part);
    hash.update(`${text.length}:`).update(text);
  }
  return hash.digest('hex').slice(0, 32);
}

/** The deterministic id of an event: the same origin gives the same id on every repeat. */
export const eventIdOf = (origin: Origin, ordinal = 0): string => hashId('event', origin.topic, origin.partition, origin.offset, ordinal);

/** A 32-digit id in the form of a UUID (RFC 9562, version 8: bits of our own choosing). */
export function toUuid(id: string): string {
  const variant = ((Number.parseInt(id[16] ?? '0', 16) & 0x3) | 0x8).toString(16);
  return `${id.slice(0, 8)}-${id.slice(8, 12)}-8${id.slice(13, 16)}-${variant}${id.slice(17, 20)}-${id.slice(20, 32)}`;
}
