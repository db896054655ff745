/** Events of OpenLineage 2-0-2, as far as Vigil emits them. @see https://openlineage.io/spec/2-0-2/OpenLineage.json */

export type RunEventType = 'START' | 'COMPLETE' | 'FAIL' | 'ABORT';

interface Facet {
  readonly _producer: string;
  readonly _schemaURL: string;
}

export interface LineageDataset {
  readonly namespace: string;
  readonly name: string;
  readonly facets?: Readonly<Record<string, Facet>>;
  /** Of inputs only. */
  readonly inputFacets?: Readonly<Record<string, Facet>>;
  /** Of outputs only. */
  readonly outputFacets?: Readonly<Record<string, Facet>>;
}

export interface RunEvent {
  readonly eventType: RunEventType;
  /** RFC 3339. */
  readonly eventTime: string;
  readonly producer: string;
  readonly schemaURL: string;
  readonly run: { readonly runId: string; readonly facets: Readonly<Record<string, Facet>> };
  readonly job: { readonly namespace: string; readonly name: string; readonly facets: Readonly<Record<string, Facet>> };
  readonly inputs: readonly LineageDataset[];
  readonly outputs: readonly LineageDataset[];
}

export const producer = 'https://vigil.invalid/orchestrator';
const schemaUrl = 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent';

/** Version of each facet's schema. */
const facetVersions = {
  ParentRunFacet: '1-1-0',
  NominalTimeRunFacet: '1-0-1',
  ErrorMessageRunFacet: '1-0-1',
  JobTypeJobFacet: '2-0-3',
  SchemaDatasetFacet: '1-1-1',
  OutputStatisticsOutputDatasetFacet: '1-0-2',
  DataQualityMetricsInputDatasetFacet: '1-0-2',
} as const;
export type FacetName = keyof typeof facetVersions;

/** A facet with the fields that every one has. */
export const facet = <Fields extends object>(name: FacetName, fields: Fields): Facet & Fields => ({
  _producer: producer,
  _schemaURL: `https://openlineage.io/spec/facets/${facetVersions[name]}/${name}.json#/$defs/${name}`,
  ...fields,
});

export interface RunFacts {
  readonly eventType: RunEventType;
  readonly atMs: number;
  /** UUID. */
  readonly runId: string;
  readonly namespace: string;
  readonly job: string;
  readonly jobType: 'DAG' | 'TASK';
  readonly processing: 'BATCH' | 'STREAMING';
  readonly parent?: { readonly runId: string; readonly job: string } | undefined;
  /** What the run is for, where it was due at a time. */
  readonly nominalMs?: number | undefined;
  readonly error?: string | undefined;
  readonly inputs?: readonly LineageDataset[];
  readonly outputs?: readonly LineageDataset[];
}

const timeOf = (ms: number): string => new Date(ms).toISOString();

/** One event with its facets. Pure: the same facts give the same bytes. */
export function buildRunEvent(facts: RunFacts): RunEvent {
  const { namespace, parent, nominalMs, error } = facts;
  return {
    eventType: facts.eventType,
    eventTime: timeOf(facts.atMs),
    producer,
    schemaURL: schemaUrl,
    run: {
      runId: facts.runId,
      facets: {
        ...(parent && { parent: facet('ParentRunFacet', { run: { runId: parent.runId }, job: { namespace, name: parent.job } }) }),
        ...(nominalMs !== undefined && { nominalTime: facet('NominalTimeRunFacet', { nominalStartTime: timeOf(nominalMs) }) }),
        ...(error !== undefined && { errorMessage: facet('ErrorMessageRunFacet', { message: error, programmingLanguage: 'TypeScript' }) }),
      },
    },
    job: {
      namespace,
      name: facts.job,
      facets: { jobType: facet('JobTypeJobFacet', { processingType: facts.processing, integration: 'VIGIL', jobType: facts.jobType }) },
    },
    inputs: facts.inputs ?? [],
    outputs: facts.outputs ?? [],
  };
}
