import { late, processed, type Emission, type Outcome } from '@vigil/core';
import type { ReadingAccepted } from '@vigil/contracts';
import type { ProjectedHandler, ProjectedRecord } from '@vigil/kafka';
import { cutAnew, type RulesInForce } from '../domain/rules-in-force.ts';
import { readVitals } from '../domain/vitals.ts';
import { windowReading, type WindowingResult } from '../domain/window-reading.ts';
import type { Sample } from '../domain/windows/pane.ts';
import type { Stores } from './stores.ts';
import { closedWindow, lateReading, updatedWindow } from './to-emissions.ts';
import type { WindowedReading } from './windowed-fields.ts';
import type { WindowingObserver } from './windowing-observer.ts';

type WindowedRecord = ProjectedRecord<WindowedReading, ReadingAccepted>;

/** Its event id decides only between equal times and goes only into what is committed: mostly nobody asks for it. */
class WindowedSample implements Sample {
  readonly observedAt: number;
  readonly receivedAt: number;
  readonly #record: WindowedRecord;
  #eventId: string | null = null;

  constructor(record: WindowedRecord) {
    this.observedAt = record.value.observedAt;
    this.receivedAt = record.value.receivedAt;
    this.#record = record;
  }

  get eventId(): string {
    return (this.#eventId ??= this.#record.whole().eventId);
  }
}

const isAlwaysClean = (): boolean => true;

const isQuiet = ({ late, closed, updated }: WindowingResult): boolean => !late && closed.length === 0 && updated.length === 0;

/** A reading where windows are all that is wanted: only a late one, which goes on as it came, is decoded whole. */
export function handleWindowed(
  fixed: RulesInForce,
  observer: WindowingObserver,
): ProjectedHandler<WindowedReading, ReadingAccepted, Stores> {
  return (record, { stores, nowMs, partition }): Outcome => {
    const reading = record.value;
    const patient = stores.ward.edit(reading.patientToken);
    const inForce = stores.parameters ?? fixed;
    const anew = patient.cut === inForce.cut ? null : cutAnew(patient, inForce);
    const wasOpen = patient.open;
    const result = windowReading(patient, new WindowedSample(record), {
      rules: inForce.rules,
      values: readVitals(reading),
      isClean: isAlwaysClean,
      nowMs,
    });
    if (patient.open && !wasOpen) observer.windowOpened(partition);
    if (!anew?.length && isQuiet(result)) return processed();
    const windows: Emission[] = [
      ...(anew ?? []).map(closedWindow),
      ...result.closed.map(closedWindow),
      ...result.updated.map(updatedWindow),
    ];
    return result.late ? late(result.corrected, [lateReading(record.whole()), ...windows]) : processed(windows);
  };
}
