import { z } from 'zod';

/** Names of workflows, tasks, pools and sources. */
export const nameSchema = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,127}$/)
  .meta({ description: 'Lower-case letters, digits and underscores.' });
/** What PostgreSQL holds as timestamptz, in UTC. */
export const instantSchema = z.iso.datetime({ precision: 3 }).meta({ description: 'UTC, milliseconds.' });
/** A time in a request: any RFC 3339 time with a zone. */
export const momentSchema = z.iso.datetime({ offset: true }).meta({ description: 'RFC 3339 with a zone.' });
export const runIdSchema = z.uuid();
export const versionSchema = z.int().min(1);
/** Counts by name: records by disposition, rows by table, files. */
export const countsSchema = z.record(z.string(), z.number());

/** What PostgreSQL does not keep in a text: the character NUL, and half of a surrogate pair. */
const isStorable = (text: string): boolean => !text.includes('\0') && text.isWellFormed();
const storable = (schema: z.ZodString): z.ZodString => schema.refine(isStorable, { error: 'holds a character that is none' });

const mostParameterBytes = 64 * 1024;
const halfOrNul = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f][\da-f]{2})/;

/** Every task of the run carries them, in a message that has room for 1 MiB. */
export const parametersSchema = z
  .record(z.string(), z.unknown())
  .refine((parameters) => Buffer.byteLength(JSON.stringify(parameters)) <= mostParameterBytes, { error: 'at most 64 KiB of JSON' })
  .refine((parameters) => !halfOrNul.test(JSON.stringify(parameters)), { error: 'holds a character that is none' });

/** Who does it and why; kept in the history of what it changes. */
export const bySchema = z.strictObject({
  by: storable(z.string().min(1).max(200))
    .default('api')
    .meta({ description: 'The person or program, for the history: what the caller says. The key stands for all who hold it.' }),
  reason: storable(z.string().max(1000)).default('').meta({ description: 'Why, for the history. Never patient data.' }),
});

/** `?limit=&cursor=`: pages stay as they are however many rows are added meanwhile. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(500).default(50).meta({ description: 'Most items of this page.' }),
  cursor: z.string().max(500).optional().meta({ description: '`next` of the page before; none begins at the start.' }),
};

/** A page of items; `next` is null on the last one. */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.strictObject({ items: z.array(item), next: z.string().nullable().meta({ description: 'Cursor of the next page.' }) });
