import { topics, type AvroField, type Topic } from '@vigil/contracts';
import type { TaskDefinition } from '@vigil/definitions';
import type { TaskResult } from '@vigil/workflows';
import { facet, type LineageDataset } from './run-event.ts';

/** Where datasets stand, as OpenLineage names them: `kafka://host:port`, `postgres://host:port`. */
export interface LineageNamespaces {
  readonly jobs: string;
  readonly kafka: string;
  readonly postgres: string;
}

/** A dataset as an executor tells of it in `values.lineage: {inputs, outputs}` of its result. */
export interface ToldDataset {
  /** `file`: `name` is `<source>/<file id>`, never a path, which may name a patient. */
  readonly kind: 'topic' | 'table' | 'file';
  readonly name: string;
  readonly rows?: number;
  readonly bytes?: number;
  /** By column; of inputs. */
  readonly columns?: Readonly<Record<string, { readonly nullCount: number; readonly count: number }>>;
}

type Side = 'inputs' | 'outputs';

const catalogue: ReadonlyMap<string, Topic> = new Map(Object.values(topics).map((topic) => [topic.name, topic as Topic]));

const typeName = (type: unknown): string => (typeof type === 'string' ? type : JSON.stringify(type));

function schemaOf(name: string): Pick<LineageDataset, 'facets'> {
  const fields = catalogue.get(name)?.schema['fields'] as readonly AvroField[] | undefined;
  if (fields === undefined) return {};
  return {
    facets: { schema: facet('SchemaDatasetFacet', { fields: fields.map((field) => ({ name: field.name, type: typeName(field.type) })) }) },
  };
}

function datasetOf({ kind, name, rows, bytes, columns }: ToldDataset, side: Side, namespaces: LineageNamespaces): LineageDataset {
  const namespace = { topic: namespaces.kafka, table: namespaces.postgres, file: 'vigil://files' }[kind];
  const size = bytes === undefined ? {} : { bytes };
  return {
    namespace,
    name,
    ...(kind === 'topic' && schemaOf(name)),
    ...(side === 'inputs' &&
      columns && {
        inputFacets: {
          dataQualityMetrics: facet('DataQualityMetricsInputDatasetFacet', {
            ...(rows !== undefined && { rowCount: rows }),
            ...size,
            columnMetrics: columns,
          }),
        },
      }),
    ...(side === 'outputs' &&
      rows !== undefined && {
        outputFacets: {
          outputStatistics: facet('OutputStatisticsOutputDatasetFacet', { rowCount: rows, ...(bytes !== undefined && { size: bytes }) }),
        },
      }),
  };
}

const kinds: ReadonlySet<unknown> = new Set(['topic', 'table', 'file']);
const isTold = (value: unknown): value is ToldDataset => {
  const told = value as Partial<ToldDataset> | null;
  return typeof told === 'object' && told !== null && kinds.has(told.kind) && typeof told.name === 'string';
};

function toldBy(result: TaskResult | null, side: Side): readonly ToldDataset[] {
  const lineage = result?.values['lineage'] as Readonly<Record<string, unknown>> | null | undefined;
  const listed = typeof lineage === 'object' && lineage !== null ? lineage[side] : undefined;
  return Array.isArray(listed) ? listed.filter(isTold) : [];
}

/** What a task reads by its definition, known before it has run. */
function inputsBySpec(spec: TaskDefinition): readonly LineageDataset[] {
  if (spec.type !== 'batch' && spec.type !== 'streaming') return [];
  const part = spec.type === 'batch' ? (spec.file_pattern ?? spec.table) : undefined;
  return [{ namespace: 'vigil://sources', name: part === undefined ? spec.source : `${spec.source}/${part}` }];
}

/** Datasets of a task: what its definition names, and what its result tells. */
export const datasetsOf = (
  spec: TaskDefinition,
  result: TaskResult | null,
  namespaces: LineageNamespaces,
): { readonly inputs: readonly LineageDataset[]; readonly outputs: readonly LineageDataset[] } => ({
  inputs: [...inputsBySpec(spec), ...toldBy(result, 'inputs').map((told) => datasetOf(told, 'inputs', namespaces))],
  outputs: toldBy(result, 'outputs').map((told) => datasetOf(told, 'outputs', namespaces)),
});
