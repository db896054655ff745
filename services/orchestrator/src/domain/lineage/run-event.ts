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
const eventSchema = 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent';

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

/** Where the spans of a run or an attempt are: what `docs/reference/trace-run-facet.json` describes. */
export interface TraceFacet extends Facet {
  /** 32 hexadecimal digits: the trace of the run. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  /** When the run began, RFC 3339; of runs, not of attempts. */
  readonly startTime?: string;
}

/** Facets that are not OpenLineage's have a prefix. */
export const traceFacetName = 'vigil_trace';
const traceFacetSchema = 'https://vigil.invalid/spec/facets/1-0-0/TraceRunFacet.json#/$defs/TraceRunFacet';

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
  /** W3C trace context of its span. */
  readonly traceparent: string;
  /** When a run, not an attempt, began. */
  readonly startedAtMs?: number | undefined;
  readonly inputs?: readonly LineageDataset[];
  readonly outputs?: readonly LineageDataset[];
}

const timeOf = (ms: number): string => new Date(ms).toISOString();

function traceOf({ traceparent, startedAtMs }: RunFacts): TraceFacet {
  const [, traceId = '', spanId = ''] = traceparent.split('-');
  const start = startedAtMs === undefined ? {} : { startTime: timeOf(startedAtMs) };
  return { _producer: producer, _schemaURL: traceFacetSchema, traceId, spanId, ...start };
}

/** One event with its facets. Pure: the same facts give the same bytes. */
export function buildRunEvent(facts: RunFacts): RunEvent {
  const { namespace, parent, nominalMs, error } = facts;
  return {
    eventType: facts.eventType,
    eventTime: timeOf(facts.atMs),
    producer,
    schemaURL: eventSchema,
    run: {
      runId: facts.runId,
      facets: {
        ...(parent && { parent: facet('ParentRunFacet', { run: { runId: parent.runId }, job: { namespace, name: parent.job } }) }),
        ...(nominalMs !== undefined && { nominalTime: facet('NominalTimeRunFacet', { nominalStartTime: timeOf(nominalMs) }) }),
        ...(error !== undefined && { errorMessage: facet('ErrorMessageRunFacet', { message: error, programmingLanguage: 'TypeScript' }) }),
        [traceFacetName]: traceOf(facts),
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
