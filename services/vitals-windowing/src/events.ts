import { defineEvents, event, field } from '@vigil/runtime';
import { ruleCodes } from './domain/alarms/finding.ts';

export const events = defineEvents('vitals-windowing', {
  rulesLoaded: event({
    level: 'info',
    message: 'the clinical rules are loaded',
    fields: {
      workflow: field.ownName(),
      windowMs: field.durationMs(),
      advanceMs: field.durationMs(),
      warningDelayMs: field.durationMs(),
      threshold: field.number(),
    },
  }),
  rulesChanged: event({
    level: 'info',
    message: 'a deployed version of the clinical rules is in force',
    fields: { version: field.count() },
    metric: {
      kind: 'gauge',
      name: 'vigil_windowing_rules_version',
      help: 'Version of the workflow definition in force; absent = that of its file.',
      value: 'version',
    },
  }),
  rulesRefused: event({
    level: 'error',
    message: 'a deployed version of the clinical rules cannot be worked by; the one before stays in force',
    fields: { version: field.count() },
  }),
  alertChanged: event({
    level: 'none',
    message: 'an alarm was raised or cleared',
    fields: {
      rule: field.oneOf(...ruleCodes),
      severity: field.oneOf('critical', 'warning'),
      change: field.oneOf('raised', 'cleared'),
    },
    metric: {
      kind: 'counter',
      name: 'vigil_windowing_alert_changes_total',
      help: 'Ends of alarm episodes, by rule, severity and change; a batch that is repeated counts again.',
      labels: ['rule', 'severity', 'change'],
    },
  }),
  openWindows: event({
    level: 'none',
    message: 'windows were counted',
    fields: { partition: field.partition(), patients: field.count() },
    metric: {
      kind: 'gauge',
      name: 'vigil_windowing_open_patients',
      help: 'Patients who have readings in windows that were not told yet, by partition.',
      value: 'patients',
      labels: ['partition'],
    },
  }),
});
