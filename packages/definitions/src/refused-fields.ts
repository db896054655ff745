/** Fields that somebody may expect, by the type of their object, with what to write instead. */
const refused: Readonly<Record<string, string>> = {
  'batch.query':
    'queries are not run: let the source’s database have a view, and declare it among the tables of the source with its key in sources.yaml',
};

/** Why a field is not there; undefined = nobody expects it. */
export function refusalOf(object: unknown, key: string): string | undefined {
  const type = (object as { readonly type?: unknown } | null)?.type;
  const name = `${typeof type === 'string' ? type : ''}.${key}`;
  return Object.hasOwn(refused, name) ? refused[name] : undefined;
}
