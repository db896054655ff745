import type { JsonSchema } from './json-schemas.ts';

const code = (value: unknown): string => `\`${typeof value === 'string' && value !== '' ? value : JSON.stringify(value)}\``;

/** What may stand in a field, for people. */
export function valuesOf(schema: JsonSchema): string {
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum) return schema.enum.map(code).join(', ');
  const options = schema.anyOf ?? schema.oneOf;
  if (options) return options.length <= 4 ? options.map(valuesOf).join(' or ') : 'one of the kinds below';
  if (schema.prefixItems) return `list of ${schema.prefixItems.length}: ${schema.prefixItems.map(valuesOf).join(', ')}`;
  if (schema.items) return `list of ${valuesOf(schema.items)}`;
  if (schema.properties) return `{${Object.keys(schema.properties).join(', ')}}`;
  if (typeof schema.additionalProperties === 'object') return 'values by name';
  return schema.type ?? 'any value';
}

const oneLine = (text: string): string => text.replaceAll('|', '\\|');

function rowOf(name: string, schema: JsonSchema, required: boolean): string {
  const otherwise = schema.default === undefined ? (required ? 'required' : '') : code(schema.default);
  return `| \`${name}\` | ${oneLine(valuesOf(schema))} | ${oneLine(otherwise)} | ${oneLine(schema.description ?? '')} |`;
}

/** Rows of an object's fields, with those of objects within it as `outer.inner`. */
function rowsOf(schema: JsonSchema, prefix: string, without: readonly string[]): string[] {
  return Object.entries(schema.properties ?? {})
    .filter(([name]) => !without.includes(name))
    .flatMap(([name, field]) => [
      rowOf(prefix + name, field, schema.required?.includes(name) === true),
      ...(field.properties ? rowsOf(field, `${prefix}${name}.`, []) : []),
    ]);
}

/** A table of an object's fields; empty where there is none. @param without  fields that are told elsewhere */
export function fieldTable(schema: JsonSchema, without: readonly string[] = []): string {
  const rows = rowsOf(schema, '', without);
  return rows.length === 0 ? '' : ['| field | value | default | meaning |', '| --- | --- | --- | --- |', ...rows, ''].join('\n');
}
