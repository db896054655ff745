/** A cron expression with every field as the sorted numbers that it means. */
export interface CronFields {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly daysOfMonth: readonly number[];
  /** 1 to 12. */
  readonly months: readonly number[];
  /** 0 = Sunday to 6. */
  readonly daysOfWeek: readonly number[];
  /** Both day fields are restricted: a day that meets one of them is meant. Else it must meet both. */
  readonly eitherDay: boolean;
  /** The hour is `*`: a rhythm within the hour, not times of day. */
  readonly everyHour: boolean;
}

export type ParsedCron = { readonly ok: true; readonly fields: CronFields } | { readonly ok: false; readonly message: string };

interface FieldRule {
  readonly name: string;
  readonly low: number;
  readonly high: number;
  /** Words that stand for numbers, from `low` on. */
  readonly words: readonly string[];
}

const field = (name: string, low: number, high: number, words = ''): FieldRule => ({ name, low, high, words: words.split(' ') });

const fieldRules = [
  field('minute', 0, 59),
  field('hour', 0, 23),
  field('day of month', 1, 31),
  field('month', 1, 12, 'JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC'),
  field('day of week', 0, 7, 'SUN MON TUE WED THU FRI SAT'),
] as const;

/** Days that a month can have, February in a leap year. */
const longestMonths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

type Tell = (mistake: string) => void;

function numberOf(text: string, { name, low, high, words }: FieldRule, tell: Tell): number {
  const at = words.indexOf(text.toUpperCase());
  const value = text !== '' && at >= 0 ? at + low : /^\d{1,4}$/.test(text) ? Number(text) : -1;
  if (value >= low && value <= high) return value;
  tell(`${name} ${text || 'without a number'} is not within ${low}–${high}`);
  return low;
}

function rangeOf(text: string, rule: FieldRule, tell: Tell): readonly [number, number] {
  if (text === '*') return [rule.low, rule.high];
  const [first = '', last] = text.split('-', 2);
  const from = numberOf(first, rule, tell);
  return [from, last === undefined ? from : numberOf(last, rule, tell)];
}

function numbersOfPart(part: string, rule: FieldRule, tell: Tell): number[] {
  const [range = '', stepText, ...rest] = part.split('/');
  const [from, to] = rangeOf(range, rule, tell);
  const step = stepText === undefined ? 1 : Number(/^\d{1,4}$/.exec(stepText)?.[0] ?? 0);
  if (step === 0 || rest.length > 0) tell(`${rule.name} ${part} has no step of 1 or more`);
  if (to < from) tell(`${rule.name} ${part} runs backwards`);
  // `5/15` is `5-59/15`.
  const last = stepText !== undefined && !range.includes('-') ? rule.high : to;
  return Array.from({ length: Math.max(0, Math.floor((last - from) / Math.max(1, step)) + 1) }, (_, at) => from + at * Math.max(1, step));
}

const numbersOf = (text: string, rule: FieldRule, tell: Tell): number[] =>
  [...new Set(text.split(',').flatMap((part) => numbersOfPart(part, rule, tell)))].sort((a, b) => a - b);

function fieldsOf(texts: FieldTexts, tell: Tell): CronFields {
  const [minutes, hours, daysOfMonth, months, weekdays] = texts.map((text, at) =>
    numbersOf(text, fieldRules[at] as FieldRule, tell),
  ) as unknown as readonly [number[], number[], number[], number[], number[]];
  const eitherDay = !texts[2].startsWith('*') && !texts[4].startsWith('*');
  const firstDay = Math.min(...daysOfMonth);
  if (!eitherDay && !months.some((month) => firstDay <= (longestMonths[month - 1] as number))) {
    tell(`no month of the expression has a day ${firstDay}: it would never fire`);
  }
  // 7 is Sunday, too.
  const daysOfWeek = [...new Set(weekdays.map((day) => day % 7))].sort((a, b) => a - b);
  return { minutes, hours, daysOfMonth, months, daysOfWeek, eitherDay, everyHour: texts[1] === '*' };
}

type FieldTexts = readonly [string, string, string, string, string];

const isFive = (texts: readonly string[]): texts is FieldTexts => texts.length === fieldRules.length;

/**
 * Reads five cron fields (minute, hour, day of month, month, day of week): numbers, `*`, lists, ranges, steps, and English
 * names of months and days. As with Vixie's cron, a day must meet either day field when both are restricted.
 */
export function parseCron(expression: string): ParsedCron {
  const texts = expression.trim().split(/\s+/);
  if (!isFive(texts)) return { ok: false, message: 'expected five cron fields such as "0 */4 * * *"' };
  const mistakes: string[] = [];
  const fields = fieldsOf(texts, (mistake) => mistakes.push(mistake));
  const [message] = mistakes;
  return message === undefined ? { ok: true, fields } : { ok: false, message };
}
