import type { TableMapper } from './create-table-mapper.ts';

const dayMs = 86_400_000;

/**
 * A mapper for a reader that may run for weeks: made anew each day, because it holds dates against the day it was made.
 *
 * @param create  milliseconds since the epoch → a mapper of that moment
 */
export function createDailyMapper(create: (startedAtMs: number) => TableMapper, nowMs: () => number): TableMapper {
  let day = Math.floor(nowMs() / dayMs);
  let mapper = create(nowMs());
  return {
    writes: mapper.writes,
    map(item) {
      const today = Math.floor(nowMs() / dayMs);
      if (today !== day) mapper = create(nowMs());
      day = today;
      return mapper.map(item);
    },
  };
}
