import type { SchemaFile } from '../generation/schema-files.ts';
import { isAvroRecord, isAvroUnion, type AvroField, type AvroRecord, type AvroType } from '../schema/avro-types.ts';
import { deidRules, parseDeid, phiClasses } from '../sensitivity.ts';
import { code, generatedNote, table } from './markdown.ts';

function typeText(type: AvroType): string {
  if (typeof type === 'string') return type;
  if (isAvroUnion(type)) return type.map(typeText).join(' or ');
  if (type.type === 'array') return `list of ${typeText(type.items)}`;
  if (type.type === 'map') return `map of ${typeText(type.values)}`;
  if ('name' in type) return type.name;
  return 'logicalType' in type ? `${type.type} (${type.logicalType})` : type.type;
}

function deidText(field: AvroField): string {
  const deid = parseDeid(field.deid);
  if (deid === undefined) return '?';
  return typeof deid === 'string' ? deid : deid.map(({ rule, as }) => (as === undefined ? rule : `${rule} → ${code(as)}`)).join(', ');
}

const fieldRow = (field: AvroField): string[] => [
  code(field.name),
  `${typeText(field.type)}${field.unit === undefined ? '' : `, ${field.unit}`}`,
  field.default === undefined ? 'required' : code(JSON.stringify(field.default)),
  String(field.phi),
  deidText(field),
  field.doc ?? '',
];

/** The record and those defined inside it, outermost first. */
function withNested(record: AvroRecord): AvroRecord[] {
  const inside = (type: AvroType): AvroRecord[] => {
    if (typeof type === 'string') return [];
    if (isAvroUnion(type)) return type.flatMap(inside);
    if (isAvroRecord(type)) return withNested(type);
    if (type.type === 'array') return inside(type.items);
    return type.type === 'map' ? inside(type.values) : [];
  };
  return [record, ...record.fields.flatMap(({ type }) => inside(type))];
}

const fieldTable = (record: AvroRecord): string =>
  table(['Field', 'Type', 'Default', 'phi', 'deid', 'Meaning'], record.fields.map(fieldRow));

function section({ path, schema }: SchemaFile): string {
  const [root, ...nested] = withNested(schema) as [AvroRecord, ...AvroRecord[]];
  const inner = nested.map((record) => `\n#### ${record.name}\n\n${record.doc ?? 'Inside the above.'}\n\n${fieldTable(record)}\n`);
  return `### ${root.name}\n\n${root.doc ?? ''} Source: \`${path}\`.\n\n${fieldTable(root)}\n${inner.join('')}`;
}

/** Which fields hold which identifier: the data classification report. */
function classification(files: readonly SchemaFile[]): string {
  const fields = files.flatMap(({ schema }) => withNested(schema)).flatMap((record) => record.fields.map((field) => ({ record, field })));
  return table(
    ['phi', 'What it is', 'Fields'],
    Object.entries(phiClasses)
      .filter(([phi]) => phi !== 'none' && phi !== 'de-identified')
      .map(([phi, what]) => {
        const held = fields.filter(({ field }) => field.phi === phi).map(({ record, field }) => code(`${record.name}.${field.name}`));
        return [code(phi), what, held.join(', ') || '–'];
      }),
  );
}

/** `docs/reference/schemas.md`: every record with its fields, and the data classification that follows from them. */
export const schemasReference = (files: readonly SchemaFile[]): string => `${generatedNote}
# Schemas

Values are Avro in the registry's wire format. Compatibility is FULL_TRANSITIVE: a service may be older or newer than
what it reads. Every field says which identifier it is (\`phi\`) and what de-identification does with it (\`deid\`); the
schemas under \`schemas/deid/\` are derived from these rules.

## Data classification

${classification(files)}

## De-identification rules

${table(
  ['Rule', 'Gives', 'What'],
  [
    [code('keep'), 'the same value', 'Copied; only fields that identify nobody.'],
    [code('drop'), 'nothing', 'Does not leave.'],
    ...Object.entries(deidRules).map(([rule, { type, what }]) => [code(rule), type, what]),
  ],
)}

## Records

${files.map(section).join('\n')}`;
