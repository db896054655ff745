import { VigilError } from '@vigil/core';
import type { MonitoringParameters } from '@vigil/definitions';
import type { SettingsOf } from '@vigil/runtime';
import type { settings } from './config.ts';
import type { AlarmPolicy } from './domain/alarms/advance-alarm.ts';
import type { ClinicalRules, LimitRules } from './domain/rules.ts';
import { at, perVital, type VitalCode } from './domain/vitals.ts';
import type { WindowRules } from './domain/windows/window-frames.ts';
import type { VitalNumbers } from './per-vital-setting.ts';

export type WindowingSettings = SettingsOf<typeof settings.shape>;

/**
 * Where the breach of a definition's limit is an emergency and not a warning: values that NEWS2 alone gives 3 points.
 * NEWS2 has no such band for a high temperature (hyperpyrexia, 41 °C, stands here) and none for diastolic pressure
 * (hypertensive crisis, 120 mm[Hg], and 40 mm[Hg] stand here).
 *
 * @see Royal College of Physicians, NEWS2, 2017; Whelton et al., ACC/AHA hypertension guideline, 2017
 */
const criticalBands: Readonly<Record<VitalCode, { readonly low: number; readonly high: number }>> = {
  heart_rate: { low: 40, high: 131 },
  respiratory_rate: { low: 8, high: 25 },
  oxygen_saturation: { low: 91, high: Number.POSITIVE_INFINITY },
  temperature_c: { low: 35, high: 41 },
  systolic: { low: 90, high: 220 },
  diastolic: { low: 40, high: 120 },
};

const listOf = (numbers: VitalNumbers): number[] => perVital((code) => numbers[code]);

const greatestDivisor = (a: number, b: number): number => (b === 0 ? a : greatestDivisor(b, a % b));

/** Widest pane that windows and their advance are made of, at most `widestMs`. */
function paneOf(sizeMs: number, advanceMs: number, widestMs: number): number {
  const common = greatestDivisor(sizeMs, advanceMs);
  return common / Math.ceil(common / greatestDivisor(common, widestMs));
}

function windowRulesOf({ windowMs }: MonitoringParameters, settings: WindowingSettings): WindowRules {
  const sizeMs = settings.windowSizeMs ?? windowMs;
  const advanceMs = settings.windowAdvanceMs ?? sizeMs;
  if (advanceMs > sizeMs || sizeMs % advanceMs !== 0) {
    const detail = `VIGIL_WINDOW_ADVANCE_MS is ${advanceMs} and the window has ${sizeMs} ms: the advance must divide the size.`;
    throw new VigilError('BAD_SETTINGS', { detail });
  }
  return {
    sizeMs,
    advanceMs,
    // Narrow panes are for baselines and scores: windows alone need none narrower than what they are made of.
    paneMs: settings.alertRules ? paneOf(sizeMs, advanceMs, settings.windowPaneMs) : greatestDivisor(sizeMs, advanceMs),
    boundMs: settings.windowBoundMs,
    graceMs: settings.windowGraceMs,
    retentionMs: settings.windowRetentionMs,
    idleMs: settings.windowIdleMs,
    dropAfterMs: settings.patientDropAfterMs,
    earlyUpdates: settings.windowEarlyUpdates,
  };
}

const limitRulesOf = ({ limits }: MonitoringParameters, hysteresis: VitalNumbers): LimitRules => ({
  low: perVital((code) => limits[code]?.low ?? Number.NEGATIVE_INFINITY),
  high: perVital((code) => limits[code]?.high ?? Number.POSITIVE_INFINITY),
  criticalLow: perVital((code) => criticalBands[code].low),
  criticalHigh: perVital((code) => criticalBands[code].high),
  hysteresis: listOf(hysteresis),
});

function alarmPolicyOf({ criticalDelayMs, warningDelayMs }: MonitoringParameters, settings: WindowingSettings): AlarmPolicy {
  const vitalDelays = listOf(settings.alarmDelayMs);
  return {
    delayMs: ({ kind, severity, vital }) => {
      if (kind === 'technical') return settings.technicalDelayMs;
      const ofVital = vital < 0 ? 0 : at(vitalDelays, vital);
      return Math.max(severity === 'critical' ? criticalDelayMs : warningDelayMs, ofVital);
    },
    holdMs: ({ kind, severity, rule }) => {
      if (rule === 'silent') return 0;
      if (kind === 'technical') return settings.technicalLatchMs;
      return severity === 'critical' ? settings.criticalLatchMs : 0;
    },
    episodeGapMs: settings.episodeGapMs,
  };
}

/**
 * All parameters of the service: what the workflow definition says, and the settings for what it does not say.
 *
 * @throws VigilError BAD_SETTINGS when window size and advance contradict each other
 */
export const createClinicalRules = (parameters: MonitoringParameters, settings: WindowingSettings): ClinicalRules => ({
  alerts: settings.alertRules,
  windows: windowRulesOf(parameters, settings),
  limits: limitRulesOf(parameters, settings.alarmHysteresis),
  deviation: {
    threshold: parameters.deviationThreshold,
    baselineMs: parameters.windowMs,
    reachMs: settings.baselineReachMs,
    minCount: settings.baselineMinCount,
    floor: listOf(settings.deviationFloor),
    minChange: listOf(settings.deviationMinChange),
    clearRatio: 0.8,
  },
  scores: { maxAgeMs: settings.scoreMaxAgeMs, criticalFrom: 7, warningFrom: 5, hysteresis: 1 },
  technical: {
    aliveMs: settings.aliveMs,
    silentMs: listOf(settings.silentMs),
    silentIntervals: 3,
    silentMonitorMs: settings.silentMonitorMs,
  },
  alarms: alarmPolicyOf(parameters, settings),
});
