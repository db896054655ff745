import { compileWriter, schemas, type AvroSink, type WardState } from '@vigil/contracts';
import { neverMeasured, noGaps } from '../domain/patient/patient-clock.ts';
import { Patient } from '../domain/patient/patient.ts';
import { vitalCount } from '../domain/vitals.ts';
import {
  cellsPerVital,
  ID_BYTES,
  idLengthShift,
  LAST,
  LAST_AT,
  LYING,
  MIN,
  N,
  RECEIVED_AT,
  type PanePlace,
} from '../domain/windows/pane-numbers.ts';
import { Pane } from '../domain/windows/pane.ts';
import { never } from './ward-rows.ts';

const bytesPerNumber = 8;
const statisticsBytes = (LAST - MIN + 1) * bytesPerNumber;

/** Branches of the unions of `WardState`. */
const absent = 0;
const present = 1;

const writeWhole = compileWriter<WardState>(schemas.wardState);

function writeTimes(sink: AvroSink, { clock }: Patient): void {
  if (clock.lastAt !== neverMeasured) {
    sink.long(vitalCount);
    for (let vital = 0; vital < vitalCount; vital++) {
      const lastAt = clock.lastAt[vital] as number;
      sink.long(lastAt === Number.NEGATIVE_INFINITY ? never : clock.maxObservedAt - lastAt);
    }
  }
  sink.long(0);
  if (clock.gaps !== noGaps) {
    sink.long(vitalCount);
    for (let vital = 0; vital < vitalCount; vital++) sink.long(clock.gaps[vital] as number);
  }
  sink.long(0);
}

function writeClock(sink: AvroSink, patient: Patient): void {
  const { clock } = patient;
  sink.long(clock.maxObservedAt);
  sink.long(clock.receivedAt);
  sink.long(clock.processedAt);
  sink.boolean(clock.historic);
  // What was never timed is left out.
  writeTimes(sink, patient);
  sink.string(clock.hospital);
  sink.string(clock.ward);
  sink.string(clock.room);
}

/** Index of each vital's event id among the distinct ones, which are nearly always one; filled for each pane. */
const idOf = new Int32Array(vitalCount);
function writeLyingId(sink: AvroSink, { block, base }: PanePlace): void {
  const from = base * bytesPerNumber + ID_BYTES;
  const length = (block.ints[2 * base + LYING] as number) >>> idLengthShift;
  sink.long(length);
  sink.raw(block.bytes, from, length);
}

function writeIds(sink: AvroSink, pane: Pane, measured: number): void {
  if (measured !== 0 && (pane.lyingIds & measured) === measured) {
    idOf.fill(0);
    sink.long(1);
    writeLyingId(sink, pane.place);
  } else writeDistinctIds(sink, pane, measured);
  sink.long(0);
}

function writeDistinctIds(sink: AvroSink, pane: Pane, measured: number): void {
  const ids: string[] = [];
  for (let vital = 0; vital < vitalCount; vital++) {
    if ((measured & (1 << vital)) === 0) continue;
    const id = pane.lastId(vital);
    const known = ids.indexOf(id);
    idOf[vital] = known < 0 ? ids.push(id) - 1 : known;
  }
  if (ids.length > 0) sink.long(ids.length);
  for (const id of ids) sink.string(id);
}

function writeTallies(sink: AvroSink, { start, place: { block, base } }: Pane, measured: number): void {
  const { numbers, bytes } = block;
  let count = 0;
  for (let vital = 0; vital < vitalCount; vital++) count += (measured >>> vital) & 1;
  if (count > 0) sink.long(count);
  for (let vital = 0; vital < vitalCount; vital++) {
    if ((measured & (1 << vital)) === 0) continue;
    const at = base + vital * cellsPerVital;
    sink.long(vital);
    sink.long(numbers[at + N] as number);
    // Least, greatest, mean, m2 and last lie side by side, in Avro's order of bytes.
    sink.raw(bytes, (at + MIN) * bytesPerNumber, statisticsBytes);
    sink.long((numbers[at + LAST_AT] as number) - start);
    sink.long(idOf[vital] as number);
    sink.long(numbers[at + RECEIVED_AT] as number);
  }
  sink.long(0);
}

function measuredVitals(pane: Pane): number {
  let measured = 0;
  for (let vital = 0; vital < vitalCount; vital++) if (pane.count(vital) > 0) measured |= 1 << vital;
  return measured;
}

/** A pane in few bytes: only vitals that were measured, each event id once. */
function writePane(sink: AvroSink, pane: Pane): void {
  const measured = measuredVitals(pane);
  const { clean } = pane;
  pane.forgetSamples();
  sink.long(pane.start);
  writeIds(sink, pane, measured);
  writeTallies(sink, pane, measured);
  sink.long(clean === null ? absent : present);
  if (clean === null) return;
  sink.long(clean.length);
  for (const moment of clean) sink.double(moment);
  sink.long(0);
}

function writePatient(sink: AvroSink, patient: Patient): void {
  const newest = patient.panes.at(-1);
  sink.long(present);
  writeClock(sink, patient);
  sink.long(absent);
  sink.long(newest === undefined ? absent : present);
  if (newest !== undefined) writePane(sink, newest);
}

/**
 * Writes a row of the ward's changelog (`WardState`) straight from what it is of: a patient with the newest pane, another
 * pane, or a memory. Where thousands of patients change in every commit, an object for each tally was most of the cost.
 */
export function writeWardRow(row: object, sink: AvroSink): void {
  if (row instanceof Patient) return writePatient(sink, row);
  if (!(row instanceof Pane)) return writeWhole(row as WardState, sink);
  sink.long(absent);
  sink.long(absent);
  sink.long(present);
  writePane(sink, row);
}
