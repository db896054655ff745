import type { Emission } from '@vigil/core';
import type { TickHandler } from '@vigil/kafka';
import { lookAtPatient, quietMs, type Quiet } from '../domain/patient/look-at-patient.ts';
import type { ClinicalRules } from '../domain/rules.ts';
import { cutAnew, type RulesInForce } from '../domain/rules-in-force.ts';
import type { Stores } from './stores.ts';
import { changedAlert, closedWindow } from './to-emissions.ts';
import type { WindowingObserver } from './windowing-observer.ts';

/** A tick wakes so many and no more: what comes of them is one transaction. */
const mostWoken = 10_000;

/**
 * Silence counts from the end of the restore at the earliest: until it has lasted long enough there is nothing to be found of
 * anybody who sleeps, and from then on they are woken to be looked at.
 */
const isTimeToWake = ({ nowMs, caughtUp, restoredAtMs }: Quiet, rules: ClinicalRules): boolean =>
  caughtUp && nowMs - restoredAtMs >= quietMs(rules);

/** Of who was processed later there is nothing to be found; −∞ = of nobody. */
const silentSinceMs = (tick: Quiet, rules: ClinicalRules): number =>
  isTimeToWake(tick, rules) ? tick.nowMs - quietMs(rules) : Number.NEGATIVE_INFINITY;

/** Between batches: idle windows, silent monitors, patients long gone. */
export function lookAfterPatients(fixed: RulesInForce, observer: WindowingObserver): TickHandler<Stores> {
  const toAlert = changedAlert(observer);
  return (tick, { stores, partition }) => {
    const emissions: Emission[] = [];
    const inForce = stores.parameters ?? fixed;
    const { rules } = inForce;
    if (isTimeToWake(tick, rules)) stores.ward.wake(mostWoken);
    let justClosed = 0;
    for (const patient of stores.ward.waiting({ silentSince: silentSinceMs(tick, rules), cut: inForce.cut })) {
      if (patient.cut !== inForce.cut) for (const window of cutAnew(patient, inForce)) emissions.push(closedWindow(window));
      const { closed, alerts, forget } = lookAtPatient(patient, rules, tick);
      for (const window of closed) emissions.push(closedWindow(window));
      for (const alert of alerts) emissions.push(toAlert(alert));
      if (forget) stores.ward.drop(patient);
      // What is told in this very tick counts until the next one: by then it is committed.
      if (!patient.open && closed.length > 0) justClosed++;
    }
    // Who sleeps is as after any restore: some window may hold what was not told.
    observer.windowsCounted(partition, stores.ward.asleep + stores.ward.open() + justClosed);
    return emissions;
  };
}
