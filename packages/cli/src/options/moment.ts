import { VigilError } from '@vigil/core';

const spanMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;

/**
 * `2026-01-31T10:00:00Z`, or `90m` for ninety minutes before `nowMs`.
 *
 * @returns milliseconds since the epoch
 * @throws VigilError BAD_USAGE
 */
export function moment(option: string, text: string, nowMs: number): number {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (count !== undefined && unit !== undefined) return nowMs - Number(count) * (spanMs[unit] as number);
  const ms = instant.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(ms)) return ms;
  throw new VigilError('BAD_USAGE', { detail: `${option} takes a time with a zone (2026-01-31T10:00:00Z) or a span before now (90m).` });
}
