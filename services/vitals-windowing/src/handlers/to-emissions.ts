import { emit, emitAggregate, type Emission } from '@vigil/core';
import { topics, type AlertRaised, type ReadingAccepted, type WindowClosed } from '@vigil/contracts';
import type { RuleCode, Severity } from '../domain/alarms/finding.ts';
import type { WindowingObserver } from './windowing-observer.ts';

export const lateReading = (reading: ReadingAccepted): Emission => emit(topics.vitalsReadingLate, reading.patientToken, reading);
export const closedWindow = (window: WindowClosed): Emission => emitAggregate(topics.vitalsWindowClosed, window.patientToken, window);
export const updatedWindow = (window: WindowClosed): Emission => emitAggregate(topics.vitalsWindowUpdated, window.patientToken, window);

export const changedAlert =
  (observer: WindowingObserver) =>
  (alert: AlertRaised): Emission => {
    const { rule, severity, change } = alert;
    observer.alertChanged({ rule: rule as RuleCode, severity: severity as Severity, change: change as 'raised' | 'cleared' });
    return emitAggregate(topics.alertRaised, alert.patientToken, alert);
  };
