import { late, processed, type Emission, type Outcome } from '@vigil/core';
import type { ReadingAccepted } from '@vigil/contracts';
import type { ProjectedHandler } from '@vigil/kafka';
import { cutAnew, type RulesInForce } from '../domain/rules-in-force.ts';
import { readVitals } from '../domain/vitals.ts';
import { windowReading, type WindowingResult } from '../domain/window-reading.ts';
import type { Stores } from './stores.ts';
import { closedWindow, lateReading, updatedWindow } from './to-emissions.ts';
import type { WindowedReading } from './windowed-fields.ts';
import type { WindowingObserver } from './windowing-observer.ts';

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
    const result = windowReading(patient, reading, {
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
