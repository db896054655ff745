import { createWireEncoder, compileWriter, topics, type DeidReadingAccepted } from '@vigil/contracts';
import { hashId } from '@vigil/core';
import { createRegistry, valueSubjectOf, type ProducedRecord } from '@vigil/kafka';
import { median, reportOf, type BenchReport, type Round } from '../bench-report.ts';
import { vigil } from '../measure/bench-home.ts';
import { measureDrain } from '../measure/measure-drain.ts';
import { preload } from './preload.ts';
import { measureRawCopy, type CopyRates } from './raw-copy.ts';

const topic = topics.deidReadingAccepted;
const patients = 2_000;
const partitions = 4;

/** De-identified readings, as the deidentifier writes them. */
function* deidReadings(records: number, schemaId: number): Generator<ProducedRecord> {
  const encode = createWireEncoder();
  const writer = compileWriter<DeidReadingAccepted>(topic.schema);
  for (let count = 0; count < records; count++) {
    const patient = count % patients;
    const reading: DeidReadingAccepted = {
      eventId: hashId('bench', count),
      pseudonym: `d1.${hashId('bench', patient)}`,
      deviceClass: 'bedside-monitor',
      deviceModel: 'VM-200',
      elapsedMs: 4_000_000_000_000 + count,
      approxYear: 2026,
      historic: false,
      heartRate: 60 + (count % 40),
      respiratoryRate: 16,
      oxygenSaturation: 98,
      temperatureC: 36.6,
      systolic: 120.5,
      diastolic: 80,
      supplementalOxygen: false,
      consciousness: 'A',
      excluded: [],
      flags: [],
    };
    const value = encode(schemaId, writer, reading);
    yield {
      topic: topic.name,
      partition: patient % partitions,
      key: Buffer.from(reading.pseudonym ?? ''),
      value,
      headers: [],
      timestamp: null,
    };
  }
}

interface WarehouseRound {
  readonly round: Round;
  readonly copy: CopyRates;
}

/** warehouse-loader drains a topic into the star schema; then PostgreSQL takes the same rows from a file. */
async function warehouseRound(records: number): Promise<WarehouseRound> {
  const copies: CopyRates[] = [];
  const round = await measureDrain({
    service: 'warehouse-loader.warehouse',
    topic: topic.name,
    preload: async ({ client, env }) => {
      await vigil(['db', 'migrate']);
      const schemaId = await createRegistry({ url: env.schemaRegistryUrl }).idOf(valueSubjectOf(topic.name), topic.schema);
      return preload(client, deidReadings(records, schemaId));
    },
    afterDrain: async ({ env, paths }) => {
      copies.push(await measureRawCopy({ warehouseUrl: env.warehouseUrl, home: paths.home }, records));
    },
  });
  const [copy] = copies;
  if (!copy) throw new Error('COPY was not measured.');
  return { round, copy };
}

/** `bench -- warehouse --report FILE`; ratios are the loader's rate ÷ that of COPY. */
export interface WarehouseReport extends BenchReport {
  readonly copy: { readonly plain: number; readonly indexed: number };
  readonly ratio: { readonly plainCopy: number; readonly indexedCopy: number };
}

export function warehouseReportOf(results: readonly WarehouseRound[]): WarehouseReport {
  const report = reportOf(
    'warehouse',
    results.map(({ round }) => round),
  );
  const plain = median(results.map(({ copy }) => copy.plain));
  const indexed = median(results.map(({ copy }) => copy.indexed));
  const ratioTo = (rate: number): number => Number((report.throughput / rate).toFixed(3));
  return {
    ...report,
    copy: { plain: Math.round(plain), indexed: Math.round(indexed) },
    ratio: { plainCopy: ratioTo(plain), indexedCopy: ratioTo(indexed) },
  };
}

export const warehouseText = ({ copy, ratio }: WarehouseReport): string =>
  [
    `  raw COPY of the same rows: ${copy.plain} rows/s without an index, ${copy.indexed} rows/s with a unique index on the event id`,
    `  ours ÷ COPY: ${ratio.plainCopy} without, ${ratio.indexedCopy} with the index`,
  ].join('\n');

export async function benchWarehouse(records: number, rounds: number): Promise<WarehouseReport> {
  const results: WarehouseRound[] = [];
  for (let count = 0; count < rounds; count++) results.push(await warehouseRound(records));
  return warehouseReportOf(results);
}
