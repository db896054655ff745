// What the specification asks of an event, written down from OpenLineage 2-0-2 and its facets; strict, so that a misspelt field fails.
import { z } from 'zod';

const base = { _producer: z.url(), _schemaURL: z.url() };
const facets = <Shape extends z.ZodRawShape>(shape: Shape) => z.strictObject(shape).partial();
const job = z.strictObject({ namespace: z.string().min(1), name: z.string().min(1) });
const count = z.int().min(0);

const runFacets = facets({
  parent: z.strictObject({ ...base, run: z.strictObject({ runId: z.uuid() }), job }),
  nominalTime: z.strictObject({ ...base, nominalStartTime: z.iso.datetime(), nominalEndTime: z.iso.datetime().optional() }),
  errorMessage: z.strictObject({ ...base, message: z.string(), programmingLanguage: z.string(), stackTrace: z.string().optional() }),
});
const jobFacets = facets({
  jobType: z.strictObject({ ...base, processingType: z.string(), integration: z.string(), jobType: z.string().optional() }),
});
const schemaField = z.strictObject({ name: z.string(), type: z.string().optional(), description: z.string().optional() });
const datasetFacets = facets({ schema: z.strictObject({ ...base, fields: z.array(schemaField) }) });
const columnMetrics = z.strictObject({ nullCount: count, distinctCount: count, count: z.number() }).partial();
const inputFacets = facets({
  dataQualityMetrics: z.strictObject({
    ...base,
    rowCount: count.optional(),
    bytes: count.optional(),
    fileCount: count.optional(),
    columnMetrics: z.record(z.string(), columnMetrics),
  }),
});
const outputFacets = facets({ outputStatistics: z.strictObject({ ...base, rowCount: count, size: count.optional() }) });
const dataset = { namespace: z.string().min(1), name: z.string().min(1), facets: datasetFacets.optional() };

export const runEventSpec = z.strictObject({
  eventTime: z.iso.datetime(),
  producer: z.url(),
  schemaURL: z.literal('https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent'),
  eventType: z.enum(['START', 'RUNNING', 'COMPLETE', 'ABORT', 'FAIL', 'OTHER']),
  run: z.strictObject({ runId: z.uuid(), facets: runFacets }),
  job: z.strictObject({ ...job.shape, facets: jobFacets }),
  inputs: z.array(z.strictObject({ ...dataset, inputFacets: inputFacets.optional() })),
  outputs: z.array(z.strictObject({ ...dataset, outputFacets: outputFacets.optional() })),
});
