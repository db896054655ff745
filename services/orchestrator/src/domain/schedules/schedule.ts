import type { ScheduleDefinition } from '@vigil/definitions';

/** A schedule that starts runs by itself; `manual` starts none and is not kept. */
export type KeptDefinition = Exclude<ScheduleDefinition, { type: 'manual' }>;

/** A schedule as it is to be kept. */
export interface NamedSchedule {
  readonly scheduleId: string;
  readonly workflow: string;
  readonly definition: KeptDefinition;
}

const isKept = (definition: ScheduleDefinition): definition is KeptDefinition => definition.type !== 'manual';

/**
 * Ids of the schedules of one place: `<prefix>.<name>`, the name being its type where it has none; a second of the same name
 * gets a number. Stable as long as their order among equals is, so an edit keeps the schedule.
 */
export function nameSchedules(prefix: string, workflow: string, definitions: readonly ScheduleDefinition[]): readonly NamedSchedule[] {
  const seen = new Map<string, number>();
  return definitions.filter(isKept).map((definition) => {
    const name = definition.name ?? definition.type;
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return { scheduleId: `${prefix}.${name}${count === 1 ? '' : `-${count}`}`, workflow, definition };
  });
}
