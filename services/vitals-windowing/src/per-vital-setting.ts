import { z } from 'zod';
import { vitalCodes, type VitalCode } from './domain/vitals.ts';

/** A number for each vital, by code. */
export type VitalNumbers = Readonly<Record<VitalCode, number>>;

const entryPattern = /^([a-z_]+)=(\d+(?:\.\d+)?)$/;

const listOf = (numbers: VitalNumbers): string => vitalCodes.map((code) => `${code}=${numbers[code]}`).join(',');

function problemOf(entry: string): string | null {
  const [, code] = entryPattern.exec(entry) ?? [];
  if (code === undefined) return `has the entry ${entry}, which is not vital=number`;
  return (vitalCodes as readonly string[]).includes(code) ? null : `names ${code}, which is not one of ${vitalCodes.join(', ')}`;
}

/** `heart_rate=20,systolic=25`: the vitals named get their number, the others keep their default. */
export const vitalNumbers = (defaults: VitalNumbers): z.ZodType<VitalNumbers> =>
  z
    .string()
    .default('')
    .transform((text, context) => {
      const entries = text.split(',').filter((entry) => entry !== '');
      for (const problem of entries.map(problemOf).filter((found) => found !== null))
        context.addIssue({ code: 'custom', message: problem });
      const given = entries.map((entry) => entry.split('='));
      return { ...defaults, ...Object.fromEntries(given.map(([code, number]) => [code, Number(number)])) };
    })
    .describe(`vital=number, several separated by commas; ${listOf(defaults)} where not given`);
