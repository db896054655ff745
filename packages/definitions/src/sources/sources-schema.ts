import { z } from 'zod';
import { durationSchema, positiveDurationSchema } from '../duration.ts';
import { sizeMiBSchema } from '../size.ts';
import { nameSchema } from '../workflow/name-schema.ts';
import { fileQualitySchema, formatSchema, skipLimitSchema } from '../workflow/task-schemas.ts';
import { referenceSchema } from './reference-schema.ts';

const addressSchema = referenceSchema.meta({ description: 'Where its address is: a URL, of kind local a folder.' });

const readySchema = z
  .discriminatedUnion('rule', [
    z.strictObject({
      rule: z.literal('marker'),
      suffix: z.string().min(1).default('.done').meta({ description: 'claims_1.json is whole once claims_1.json.done is there.' }),
    }),
    z.strictObject({
      rule: z.literal('manifest'),
      suffix: z.string().min(1).default('.manifest.json').meta({ description: 'A JSON file beside it tells bytes, sha256 and records.' }),
    }),
    z.strictObject({ rule: z.literal('rename') }),
    z.strictObject({
      rule: z.literal('stable'),
      polls: z.int().min(2).max(100).default(3).meta({ description: 'So many listings in a row show the same size and time.' }),
    }),
  ])
  .meta({ description: 'How a file tells that it is whole.' });

/**
 * What the records of a source are, and so which mapper reads them and which topic they go to. `rows` are about nobody: a task
 * names the table that they go into.
 */
const recordKinds = ['claims', 'visits', 'trial_outcomes', 'patients', 'readings', 'rows'] as const;

const common = {
  description: z.string().optional().meta({ description: 'For people.' }),
  records: z.enum(recordKinds).meta({
    description: 'What its records are: decides the mapper and the topic. rows: of no person; a task names the table that they go into.',
  }),
  limits: z
    .strictObject({
      file_size: sizeMiBSchema.optional().meta({ description: 'Larger files go to quarantine unread.' }),
      record_size: sizeMiBSchema.optional().meta({ description: 'Larger records are rejected.' }),
      skip_limit: skipLimitSchema.optional(),
    })
    .optional()
    .meta({ description: 'What is too much.' }),
} as const;

const encodings = ['utf-8', 'utf-16le', 'iso-8859-1', 'windows-1252'] as const;

const fileFields = {
  ...common,
  address: addressSchema,
  archive: z.string().min(1).default('archive').meta({ description: 'Folder below its root where files go that were loaded.' }),
  acknowledgements: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'Folder below its root where TA1 and 999 go that its X12 asks for; without it they are not put back.' }),
  ready: readySchema.default({ rule: 'stable', polls: 3 }),
  poll: positiveDurationSchema.prefault('5s').meta({ description: 'Time between two listings. Default 5s.' }),
  format: formatSchema,
  encoding: z.enum(encodings).default('utf-8').meta({ description: 'Of text files; a byte-order mark goes before it.' }),
  delimiter: z.string().length(1).default(',').meta({ description: 'Of CSV.' }),
  quality: fileQualitySchema.optional().meta({ description: 'A file below it is not loaded before a person accepts it.' }),
  columns: z
    .record(z.string().min(1), z.string().min(1))
    .optional()
    .meta({ description: 'Columns of a CSV that have another name there: name in the file → name of the record.' }),
} as const;

const columnSchema = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: 'expected the name of a column' });

/**
 * A transaction that began before the newest change and committed after it was looked at shows older changes later: without a
 * look back they are never seen. Looked at twice, a row is published once, by its hash.
 */
const lateCommitSchema = durationSchema.prefault('5min').meta({
  description:
    'How far back each extraction looks again, for transactions that commit late: longer than the longest of them. Of a number that is no time, SQL goes back as many steps as these are milliseconds, HTTP none.',
});

const tableSchema = z
  .strictObject({
    key: z.array(columnSchema).min(1).meta({ description: 'Columns that tell a row; the table itself may have no key.' }),
    change_column: columnSchema.optional().meta({ description: 'Column that grows with each change of a row.' }),
    row_hash: z.boolean().optional().meta({ description: 'Without a change column: rows whose hash is new are changes.' }),
    overlap: lateCommitSchema,
  })
  .check((context) => {
    const { change_column: column, row_hash: hash } = context.value;
    if ((column === undefined) === (hash !== true)) {
      context.issues.push({ code: 'custom', input: context.value, message: 'expected either change_column or row_hash: true' });
    }
  });

const tableName = z.string().regex(/^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?$/, { error: 'expected a table such as public.clinical_trials' });

const passwordFields = {
  credential: z
    .strictObject({ user: referenceSchema, password: referenceSchema })
    .optional()
    .meta({ description: 'Without it the address holds what is needed.' }),
} as const;

const sourceSchema = z.discriminatedUnion('kind', [
  z.strictObject({ ...fileFields, kind: z.literal('local') }),
  z.strictObject({
    ...fileFields,
    kind: z.literal('sftp'),
    host_key: referenceSchema.meta({ description: 'SHA256:… of the host’s key; no other host is spoken to.' }),
    credential: z
      .strictObject({ private_key: referenceSchema, password: referenceSchema })
      .partial()
      .check((context) => {
        if (Object.keys(context.value).length !== 1 && context.issues.length === 0) {
          context.issues.push({ code: 'custom', input: context.value, message: 'expected one of private_key and password' });
        }
      })
      .meta({ description: 'How to log in; the user stands in the address.' }),
  }),
  z.strictObject({
    ...fileFields,
    kind: z.literal('s3'),
    region: z.string().min(1).default('us-east-1').meta({ description: 'Region that requests are signed for.' }),
    bucket: referenceSchema,
    prefix: z.string().default('').meta({ description: 'Only objects below it; with a slash at its end.' }),
    credential: z.strictObject({ access_key_id: referenceSchema, secret_access_key: referenceSchema }),
  }),
  z.strictObject({
    ...common,
    kind: z.literal('http'),
    address: addressSchema,
    credential: z.strictObject({ token: referenceSchema }).optional().meta({ description: 'Bearer token.' }),
    items: z.string().default('items').meta({ description: 'Where the list stands in an answer; a.b for a member within a member.' }),
    paging: z
      .discriminatedUnion('by', [
        z.strictObject({ by: z.literal('cursor'), parameter: z.string().default('cursor'), next: z.string().default('next') }),
        z.strictObject({ by: z.literal('number'), parameter: z.string().default('page') }),
        z.strictObject({ by: z.literal('link') }),
      ])
      .default({ by: 'link' })
      .meta({ description: 'How the next page is found.' }),
    key: z
      .array(columnSchema)
      .min(1)
      .optional()
      .meta({ description: 'Members that tell an item: what is as it was is not published again.' }),
    since: z
      .strictObject({ parameter: z.string().min(1), member: columnSchema, overlap: lateCommitSchema })
      .optional()
      .meta({ description: 'Parameter that asks for what changed since, and the member of an item that says when it did.' }),
    page_size: z.int().min(1).max(10_000).default(500),
    requests_per_second: z.number().positive().max(1000).default(5),
  }),
  z.strictObject({
    ...common,
    ...passwordFields,
    kind: z.literal('sql'),
    address: addressSchema,
    tables: z.record(tableName, tableSchema).meta({ description: 'Tables that may be extracted, and how changes of them are found.' }),
    fetch_size: z.int().min(1).max(100_000).default(5000).meta({ description: 'Rows a query.' }),
  }),
  z.strictObject({
    ...common,
    ...passwordFields,
    kind: z.literal('cdc'),
    address: addressSchema,
    publication: nameSchema,
    slot: nameSchema,
    tables: z
      .record(tableName, z.strictObject({ key: z.array(columnSchema).min(1) }))
      .meta({ description: 'Tables of the publication that are followed.' }),
  }),
  z.strictObject({
    ...common,
    kind: z.literal('stream'),
    topic: z.string().min(1).meta({ description: 'Topic that others publish to.' }),
  }),
]);

/** `workflows/sources.yaml`: where data come from, by the name that definitions use. */
export const sourcesSchema = z.strictObject({
  sources: z.record(nameSchema, sourceSchema).meta({ description: 'Sources by the name that definitions use.' }),
});

export type SourcesFile = z.infer<typeof sourcesSchema>;
export type SourceDefinition = z.infer<typeof sourceSchema>;
