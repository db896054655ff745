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

type CopyFigures = Readonly<Omit<CopyRates, 'rows'>>;

/** `bench -- warehouse --report FILE`; `copy` is rows/s of raw COPY, `ratio` the loader's rate ÷ that. */
export interface WarehouseReport extends BenchReport {
  readonly copy: CopyFigures;
  readonly ratio: {
    readonly plainCopy: number;
    readonly indexedCopy: number;
    readonly plainBinaryCopy: number;
    readonly indexedBinaryCopy: number;
    readonly ownIndexesBinaryCopy: number;
  };
}

export function warehouseReportOf(results: readonly WarehouseRound[]): WarehouseReport {
  const report = reportOf(
    'warehouse',
    results.map(({ round }) => round),
  );
  const rateOf = (name: keyof CopyFigures): number => Math.round(median(results.map(({ copy }) => copy[name])));
  const copy: CopyFigures = {
    plain: rateOf('plain'),
    indexed: rateOf('indexed'),
    plainBinary: rateOf('plainBinary'),
    indexedBinary: rateOf('indexedBinary'),
    ownIndexesBinary: rateOf('ownIndexesBinary'),
  };
  const ratioTo = (rate: number): number => Number((report.throughput / rate).toFixed(3));
  return {
    ...report,
    copy,
    ratio: {
      plainCopy: ratioTo(copy.plain),
      indexedCopy: ratioTo(copy.indexed),
      plainBinaryCopy: ratioTo(copy.plainBinary),
      indexedBinaryCopy: ratioTo(copy.indexedBinary),
      ownIndexesBinaryCopy: ratioTo(copy.ownIndexesBinary),
    },
  };
}

export const warehouseText = ({ copy, ratio }: WarehouseReport): string =>
  [
    '  raw COPY of the same rows over one connection, rows/s (ours ÷ COPY):',
    `    no index:                     text ${copy.plain} (${ratio.plainCopy}), binary ${copy.plainBinary} (${ratio.plainBinaryCopy})`,
    `    unique index on the event id: text ${copy.indexed} (${ratio.indexedCopy}), binary ${copy.indexedBinary} (${ratio.indexedBinaryCopy})`,
    `    the indexes that ours writes: binary ${copy.ownIndexesBinary} (${ratio.ownIndexesBinaryCopy})`,
  ].join('\n');

export async function benchWarehouse(records: number, rounds: number): Promise<WarehouseReport> {
  const results: WarehouseRound[] = [];
  for (let count = 0; count < rounds; count++) results.push(await warehouseRound(records));
  return warehouseReportOf(results);
}
