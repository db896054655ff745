import type { Emission } from '@vigil/core';
import type { TickHandler } from '@vigil/kafka';
import { lookAtPatient } from '../domain/patient/look-at-patient.ts';
import type { ClinicalRules } from '../domain/rules.ts';
import type { Stores } from './stores.ts';
import { changedAlert, closedWindow } from './to-emissions.ts';
import type { WindowingObserver } from './windowing-observer.ts';

/** Between batches: idle windows, silent monitors, patients long gone. */
export function lookAfterPatients(rules: ClinicalRules, observer: WindowingObserver): TickHandler<Stores> {
  const toAlert = changedAlert(observer);
  return (tick, { stores, partition }) => {
    const emissions: Emission[] = [];
    let open = 0;
    for (const patient of stores.ward.all()) {
      const { closed, alerts, forget } = lookAtPatient(patient, rules, tick);
      for (const window of closed) emissions.push(closedWindow(window));
      for (const alert of alerts) emissions.push(toAlert(alert));
      if (forget) stores.ward.drop(patient);
      // What is told in this very tick counts until the next one: by then it is committed.
      if (patient.open || closed.length > 0) open++;
    }
    observer.windowsCounted(partition, open);
    return emissions;
  };
}
