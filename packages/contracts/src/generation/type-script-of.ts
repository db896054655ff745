import { isAvroRecord, isAvroUnion, type AvroRecord, type AvroType } from '../schema/avro-types.ts';

const scalars: Readonly<Record<string, string>> = {
  boolean: 'boolean',
  bytes: 'Buffer',
  double: 'number',
  float: 'number',
  int: 'number',
  long: 'number',
  null: 'null',
  string: 'string',
};

/** Named records by their TypeScript name; two different ones of one name cannot both be interfaces. */
export type NamedRecords = Map<string, AvroRecord>;

function remember(record: AvroRecord, records: NamedRecords): string {
  const known = records.get(record.name);
  if (known && JSON.stringify(known.fields) !== JSON.stringify(record.fields)) {
    throw new Error(`two different records are named ${record.name}: give one of them another name`);
  }
  records.set(record.name, known ?? record);
  return record.name;
}

/** The TypeScript type of an Avro type; records met on the way are added to `records`. */
function typeScriptOf(type: AvroType, records: NamedRecords): string {
  if (typeof type === 'string') return scalars[type] ?? type.split('.').at(-1) ?? type;
  if (isAvroUnion(type)) return type.map((branch) => typeScriptOf(branch, records)).join(' | ');
  if (isAvroRecord(type)) return remember(type, records);
  if (type.type === 'array') return `readonly (${typeScriptOf(type.items, records)})[]`;
  if (type.type === 'map') return `Readonly<Record<string, ${typeScriptOf(type.values, records)}>>`;
  if (type.type === 'fixed') return 'Buffer';
  if (type.type === 'enum') return type.symbols.map((symbol) => `'${symbol}'`).join(' | ');
  return typeScriptOf(type.type, records);
}

function interfaceOf(record: AvroRecord, records: NamedRecords): string {
  const fields = record.fields.map((field) => {
    const doc = [field.doc, field.unit ? `Unit: ${field.unit}.` : ''].filter(Boolean).join(' ');
    return `${doc ? `  /** ${doc} */\n` : ''}  readonly ${field.name}: ${typeScriptOf(field.type, records)};`;
  });
  return `${record.doc ? `/** ${record.doc} */\n` : ''}export interface ${record.name} {\n${fields.join('\n')}\n}\n`;
}

/** One interface per record, nested ones included, each once. */
export function interfacesOf(roots: readonly AvroRecord[]): string[] {
  const records: NamedRecords = new Map();
  for (const root of roots) remember(root, records);
  const written: string[] = [];
  // A Map's iteration sees what is added while it runs: nested records follow the roots.
  for (const record of records.values()) written.push(interfaceOf(record, records));
  return written;
}
