import { day, orNull, version } from '../csv-cells.ts';

/** Of every versioned row but those of members. */
export const effectiveColumns = { version, effective_from: day, effective_to: orNull(day) };
