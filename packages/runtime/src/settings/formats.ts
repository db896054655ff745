import { z } from 'zod';

const required = 'is missing';

const wholeNumber = /^-?\d{1,15}$/;

/** A whole number in decimal digits between `min` and `max`, both included. */
export const integer = ({ min, max }: { readonly min: number; readonly max: number }) =>
  z
    .string(required)
    .regex(wholeNumber, 'is not a whole number')
    .transform(Number)
    .pipe(z.number().min(min, `is below ${min}`).max(max, `is above ${max}`))
    .describe(`whole number ${min} to ${max}`);

/** A decimal number between `min` and `max`, both included. */
export const decimal = ({ min, max }: { readonly min: number; readonly max: number }) =>
  z
    .string(required)
    .regex(/^-?\d+(\.\d+)?$/, 'is not a decimal number')
    .transform(Number)
    .pipe(z.number().min(min, `is below ${min}`).max(max, `is above ${max}`))
    .describe(`number ${min} to ${max}`);

/** Milliseconds as a whole number. */
export const milliseconds = ({ min = 0, max }: { readonly min?: number; readonly max: number }) =>
  integer({ min, max }).describe(`milliseconds, ${min} to ${max}`);

/** A TCP port; 0 lets the system choose a free one. */
export const port = () => integer({ min: 0, max: 65_535 }).describe('TCP port, 0 = any free one');

/** `true` or `false`. */
export const flag = () =>
  z
    .string(required)
    .regex(/^(true|false)$/, 'is neither true nor false')
    .transform((text) => text === 'true')
    .describe('true or false');

/** One of a closed set of words. */
export const oneOf = <const Words extends readonly [string, ...string[]]>(words: Words) =>
  z
    .enum(words, { error: ({ input }) => (input === undefined ? required : `is not one of ${words.join(', ')}`) })
    .describe(words.join(' | '));

/** Any text without control characters, 1 to `max` characters. */
export const text = ({ max = 1024 }: { readonly max?: number } = {}) =>
  z
    .string(required)
    .max(max, `is longer than ${max} characters`)
    .regex(/^[^\p{Cc}]+$/u, 'is empty or holds control characters')
    .describe('text');

/** Path of a file or directory. */
export const path = () => text({ max: 4096 }).describe('path');

const hasScheme = (value: string, schemes: readonly string[]): boolean => {
  const parsed = URL.parse(value);
  return parsed !== null && schemes.includes(parsed.protocol.slice(0, -1)) && parsed.hostname !== '';
};

/** A URL of one of `schemes`, with a host. */
export const url = (...schemes: readonly [string, ...string[]]) =>
  z
    .string(required)
    .refine((value) => hasScheme(value, schemes), `is not a URL like ${schemes.map((scheme) => `${scheme}://host:port`).join(' or ')}`)
    .describe(`URL (${schemes.join(', ')})`);

const address = /^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+):(\d{1,5})$/;
const isAddress = (value: string): boolean => {
  const match = address.exec(value);
  return match !== null && Number(match[2]) >= 1 && Number(match[2]) <= 65_535;
};

/** `host:port`, several separated by commas. */
export const addresses = () =>
  z
    .string(required)
    .transform((list): readonly string[] => list.split(','))
    .refine((list) => list.every(isAddress), 'is not a list like host:9092,host:9093')
    .describe('host:port, several separated by commas');

/** An instant in RFC 3339 with a zone, read as milliseconds since the epoch. */
export const instant = () =>
  z.iso
    .datetime({ offset: true, error: ({ input }) => (input === undefined ? required : 'is not a time like 2024-03-15T14:30:00Z') })
    .transform((value) => Date.parse(value))
    .describe('RFC 3339 time with a zone');

/** Name of a run: part of topic names, so the broker's characters only. */
export const runName = () =>
  text({ max: 40 })
    .regex(/^[a-z][a-z0-9-]*$/, 'is not like r1a2b3c4d')
    .describe('lower-case name');

const endsOfTopic = /^([A-Za-z0-9._-]{1,249})=(\d{1,15}(?:,\d{1,15})*)$/;

/** Ends of topics: `topic=120,98;other=7`, an offset per partition. */
export const runEnds = () =>
  text({ max: 65_536 })
    .transform((value) => value.split(';').map((entry) => endsOfTopic.exec(entry)))
    .refine((entries) => entries.every((entry) => entry !== null), 'is not like vitals.reading.accepted.v1=120,98')
    .transform((entries) =>
      Object.fromEntries(entries.flatMap((entry) => (entry ? [[entry[1] as string, (entry[2] as string).split(',').map(Number)]] : []))),
    )
    .describe('topic=offset,offset;…');
