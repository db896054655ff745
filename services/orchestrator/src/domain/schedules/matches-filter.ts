/** Fields of a record, `a.b` for a field within a field, and the values that they must have. */
export type RecordFilter = Readonly<Record<string, string | number | boolean>>;

const valueAt = (record: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((below, step) => {
    if (typeof below !== 'object' || below === null || !Object.hasOwn(below, step)) return undefined;
    return (below as Readonly<Record<string, unknown>>)[step];
  }, record);

/** Whether a record triggers: all fields have the values; an empty filter takes every record. */
export const matchesFilter = (filter: RecordFilter, record: unknown): boolean =>
  Object.entries(filter).every(([path, wanted]) => valueAt(record, path) === wanted);
