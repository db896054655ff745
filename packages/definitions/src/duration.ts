import { z } from 'zod';

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, min: 60_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const durationPattern = /^(\d+(?:\.\d+)?)(ms|s|min|m|h|d)$/;
const delaySuffix = '_delay';

/** `30s`, `5min`, `1.5h` → milliseconds; undefined where the text is no duration. */
export function durationMsOf(text: string): number | undefined {
  const [, amount = '', unit = ''] = durationPattern.exec(text) ?? [];
  const factor = unitMs[unit];
  return factor === undefined ? undefined : Math.round(Number(amount) * factor);
}

/** `immediate` → 0, `5min_delay` → 300 000 milliseconds; undefined where the text is neither. */
export function delayMsOf(text: string): number | undefined {
  if (text === 'immediate') return 0;
  return text.endsWith(delaySuffix) ? durationMsOf(text.slice(0, -delaySuffix.length)) : undefined;
}

/** Beyond it a time is none that the database, or a clock, can show. */
const longestMs = 36_600 * 86_400_000;

const parsedBy = (parse: (text: string) => number | undefined, message: string) =>
  z.string({ error: message }).transform((text, context) => {
    const parsed = parse(text);
    if (parsed !== undefined && parsed <= longestMs) return parsed;
    context.addIssue({ code: 'custom', message: parsed === undefined ? message : 'no duration is longer than 36600d' });
    return z.NEVER;
  });

/** A duration in a definition, read as milliseconds. */
export const durationSchema = parsedBy(durationMsOf, 'expected a duration such as 30s, 5min or 1h').meta({
  pattern: durationPattern.source,
});

/** A duration that nothing can be of, were it 0: the length of a window, the time between two runs. */
export const positiveDurationSchema = durationSchema.refine((ms) => ms > 0, { error: 'expected a duration above 0' });

/** When a kind of anomaly becomes an alert, read as milliseconds that it must persist. */
export const delaySchema = parsedBy(delayMsOf, 'expected immediate or a delay such as 5min_delay');
