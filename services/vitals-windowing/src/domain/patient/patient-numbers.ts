import { numbersPerPane } from '../windows/pane-numbers.ts';
import { NumberBlock } from './kept-numbers.ts';

/** Where a patient's numbers lie, counted from the patient's place. What nearly every reading touches lies side by side. */
export const MAX_OBSERVED_AT = 0;
export const RECEIVED_AT = 1;
export const PROCESSED_AT = 2;
/** How many of them are the clock's. */
export const clockNumbers = 3;
/** Readings from here to before `QUIET_TO` belong into the newest pane and change nothing else but the clock. */
export const QUIET_FROM = 3;
export const QUIET_TO = 4;
/** By which change of the windows' size the patient is cut. */
export const CUT = 5;
/** The batch in which clock and newest pane were saved, so that readings of the quiet span need not look for the patient. */
export const SAVED_IN = 6;
/** 1 = some window may hold readings that were not told yet. */
export const OPEN = 7;
/** From here on: the newest pane. */
export const NEWEST_PANE = 8;

export const numbersPerPatient = NEWEST_PANE + numbersPerPane;

/** A power of two. */
const patientsPerBlock = 256;
const blockBits = 8;

/** Where one patient's numbers lie. */
export interface PatientPlace {
  /** Of its ward's places. */
  readonly slot: number;
  readonly block: NumberBlock;
  readonly base: number;
}

export const blockOf = (slot: number): number => slot >>> blockBits;
export const baseOf = (slot: number): number => (slot & (patientsPerBlock - 1)) * numbersPerPatient;

export const newPatientBlock = (): NumberBlock => new NumberBlock(patientsPerBlock * numbersPerPatient);

/** A place outside any ward. */
export const ownPlace = (): PatientPlace => ({ slot: 0, block: new NumberBlock(numbersPerPatient), base: 0 });
