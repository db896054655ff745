import { compileWriter, schemas, type AvroSink, type WardState } from '@vigil/contracts';
import { neverMeasured, noGaps } from '../domain/patient/patient-clock.ts';
import { Patient } from '../domain/patient/patient.ts';
import { vitalCount } from '../domain/vitals.ts';
import { Pane, paneLayout } from '../domain/windows/pane.ts';
import { never } from './ward-rows.ts';

const { cellsPerVital, N, MIN, LAST, LAST_AT, RECEIVED_AT } = paneLayout;
const statistics = LAST - MIN + 1;

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

function writeIds(sink: AvroSink, cells: readonly number[], lastIds: readonly string[]): void {
  const ids: string[] = [];
  for (let vital = 0; vital < vitalCount; vital++) {
    if ((cells[vital * cellsPerVital + N] as number) === 0) continue;
    const id = lastIds[vital] as string;
    const known = ids.indexOf(id);
    idOf[vital] = known < 0 ? ids.push(id) - 1 : known;
  }
  if (ids.length > 0) sink.long(ids.length);
  for (const id of ids) sink.string(id);
  sink.long(0);
}

function writeTallies(sink: AvroSink, cells: readonly number[], start: number): void {
  let measured = 0;
  for (let vital = 0; vital < vitalCount; vital++) if ((cells[vital * cellsPerVital + N] as number) > 0) measured++;
  if (measured > 0) sink.long(measured);
  for (let vital = 0; vital < vitalCount; vital++) {
    const base = vital * cellsPerVital;
    if ((cells[base + N] as number) === 0) continue;
    sink.long(vital);
    sink.long(cells[base + N] as number);
    // Least, greatest, mean, m2 and last lie side by side.
    sink.doubles(cells, base + MIN, statistics);
    sink.long((cells[base + LAST_AT] as number) - start);
    sink.long(idOf[vital] as number);
    sink.long(cells[base + RECEIVED_AT] as number);
  }
  sink.long(0);
}

/** A pane in few bytes: only vitals that were measured, each event id once. */
function writePane(sink: AvroSink, pane: Pane): void {
  const { cells, lastIds, clean } = pane.content();
  sink.long(pane.start);
  writeIds(sink, cells, lastIds);
  writeTallies(sink, cells, pane.start);
  sink.long(clean === null ? absent : present);
  if (clean === null) return;
  sink.long(clean.length);
  sink.doubles(clean, 0, clean.length);
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
