import type { AvroSchema } from '@vigil/contracts';

/** One element of a Parquet schema, which is a tree written depth first. */
export interface ParquetElement {
  readonly name: string;
  readonly type?: 'BOOLEAN' | 'INT32' | 'INT64' | 'DOUBLE' | 'BYTE_ARRAY';
  readonly converted_type?: 'UTF8' | 'LIST';
  readonly repetition_type?: 'REQUIRED' | 'OPTIONAL' | 'REPEATED';
  readonly num_children?: number;
}

export interface ParquetColumn {
  readonly name: string;
  readonly data: unknown[];
}

type AvroField = { readonly name: string; readonly type: unknown };
type AvroComplex = { readonly type: unknown; readonly items?: unknown; readonly fields?: readonly AvroField[] };
type Repetition = 'REQUIRED' | 'OPTIONAL';

const scalars: Readonly<Record<string, Pick<ParquetElement, 'type' | 'converted_type'>>> = {
  boolean: { type: 'BOOLEAN' },
  int: { type: 'INT32' },
  long: { type: 'INT64' },
  float: { type: 'DOUBLE' },
  double: { type: 'DOUBLE' },
  string: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  bytes: { type: 'BYTE_ARRAY' },
};

/** The type without null, and whether null was among its branches. */
function withoutNull(type: unknown): readonly [type: unknown, repetition: Repetition] {
  if (!Array.isArray(type)) return [type, 'REQUIRED'];
  const branches = type.filter((branch) => branch !== 'null');
  return [branches[0], branches.length < type.length ? 'OPTIONAL' : 'REQUIRED'];
}

function elementsOf(name: string, avroType: unknown): readonly ParquetElement[] {
  const [type, repetition] = withoutNull(avroType);
  const scalar = typeof type === 'string' ? scalars[type] : undefined;
  if (scalar) return [{ name, ...scalar, repetition_type: repetition }];
  const { type: kind, items, fields } = type as AvroComplex;
  if (kind === 'array') return listOf(name, repetition, items);
  if (kind === 'record' && fields) return groupOf(name, repetition, fields);
  if (kind === undefined) throw new TypeError(`${name} has an Avro type without a Parquet form`);
  return elementsOf(name, repetition === 'OPTIONAL' ? ['null', kind] : kind);
}

const listOf = (name: string, repetition: Repetition, items: unknown): readonly ParquetElement[] => [
  { name, repetition_type: repetition, num_children: 1, converted_type: 'LIST' },
  { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
  ...elementsOf('element', items),
];

const groupOf = (name: string, repetition: Repetition, fields: readonly AvroField[]): readonly ParquetElement[] => [
  { name, repetition_type: repetition, num_children: fields.length },
  ...fields.flatMap((field) => elementsOf(field.name, field.type)),
];

const fieldsOf = (schema: AvroSchema): readonly AvroField[] => schema['fields'] as readonly AvroField[];

/** The Parquet schema of an Avro record: fields by their names, lists in the three-level form. */
export function parquetSchemaOf(schema: AvroSchema): readonly ParquetElement[] {
  const fields = fieldsOf(schema);
  return [{ name: 'root', num_children: fields.length }, ...fields.flatMap((field) => elementsOf(field.name, field.type))];
}

type Convert = (value: unknown) => unknown;

/** How values of a type become what Parquet's writer wants: 64-bit integers as bigints, at any depth. undefined = as they are. */
function conversionOf(avroType: unknown): Convert | undefined {
  const [type] = withoutNull(avroType);
  if (type === 'long') return (value) => (isMissing(value) ? value : BigInt(value as number));
  if (typeof type !== 'object' || type === null) return undefined;
  const { type: kind, items, fields } = type as AvroComplex;
  if (kind === 'array') return conversionOfList(items);
  if (kind === 'record' && fields) return conversionOfRecord(fields);
  return conversionOf(kind);
}

const isMissing = (value: unknown): boolean => value === null || value === undefined;

function conversionOfList(items: unknown): Convert | undefined {
  const convert = conversionOf(items);
  return convert && ((value) => (isMissing(value) ? value : (value as unknown[]).map(convert)));
}

function conversionOfRecord(fields: readonly AvroField[]): Convert | undefined {
  const converted = fields.flatMap(({ name, type }) => {
    const convert = conversionOf(type);
    return convert ? [[name, convert] as const] : [];
  });
  if (converted.length === 0) return undefined;
  return (value) => {
    if (isMissing(value)) return value;
    const record = value as Readonly<Record<string, unknown>>;
    return { ...record, ...Object.fromEntries(converted.map(([name, convert]) => [name, convert(record[name])])) };
  };
}

/** The values of records, column by column. 64-bit integers become bigints, as Parquet's writer wants them. */
export function parquetColumnsOf(schema: AvroSchema, values: readonly Readonly<Record<string, unknown>>[]): readonly ParquetColumn[] {
  return fieldsOf(schema).map(({ name, type }) => {
    const convert = conversionOf(type);
    return { name, data: values.map((value) => (convert ? convert(value[name]) : value[name])) };
  });
}
