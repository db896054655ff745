import { inputStartMs, windowMs } from '../windows/accepted-readings.ts';
import type { Contender } from './contenders.ts';

/** A window that is closed while readings come at their pace, and the pass over all patients in which that happens. */
export interface Closing {
  readonly windowStart: number;
  readonly pass: number;
}

export interface Paced {
  /** When each reading was handed to the producer, milliseconds since the epoch, in the order of the readings. */
  readonly sentAtMs: Float64Array;
  readonly rate: number;
  readonly patients: number;
  readonly partitions: number;
  /** The pass of the first of these readings. */
  readonly firstPass: number;
}

/** The most that an engine's clock is behind: windows are chosen so that every engine closes the same ones. */
const slowestMs = 70_000;
const fastestMs = 60_000;

const passAt = (observedAt: number, stepMs: number): number => Math.ceil((observedAt - inputStartMs) / stepMs);

/** Windows that no engine closes before `fromPass` and every engine closes before the last pass, with this engine's pass. */
export function closingsOf(
  { finalAfterMs }: Pick<Contender, 'finalAfterMs'>,
  { stepMs, fromPass, passes }: { readonly stepMs: number; readonly fromPass: number; readonly passes: number },
): Closing[] {
  const closings: Closing[] = [];
  for (let windowStart = inputStartMs; ; windowStart += windowMs) {
    const endMs = windowStart + windowMs;
    if (passAt(endMs + slowestMs, stepMs) >= passes) return closings;
    if (passAt(endMs + fastestMs, stepMs) >= fromPass) closings.push({ windowStart, pass: passAt(endMs + finalAfterMs, stepMs) });
  }
}

/** When the reading was sent that made the window of a patient final, by the clock of the engine. */
export function triggeredAtMs(clock: Contender['clock'], { pass }: Closing, paced: Paced, patient: number): number {
  const { sentAtMs, patients, partitions, firstPass } = paced;
  const sent = (of: number): number => sentAtMs[(pass - firstPass) * patients + of] as number;
  if (clock === 'patient') return sent(patient);
  // Patients follow one another through the partitions: the first of each begins its partition's pass.
  return clock === 'partition' ? sent(patient % partitions) : sent(Math.min(partitions, patients) - 1);
}
