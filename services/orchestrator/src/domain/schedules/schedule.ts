import type { ScheduleDefinition, SchedulesFile } from '@vigil/definitions';

/** A schedule that starts runs by itself; `manual` starts none and is not kept. */
export type KeptDefinition = Exclude<ScheduleDefinition, { type: 'manual' }>;

/** A schedule as it is to be kept. */
export interface NamedSchedule {
  readonly scheduleId: string;
  readonly workflow: string;
  readonly definition: KeptDefinition;
  /** Of its runs. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Whether it counts when it is kept for the first time; after that a person decides. */
  readonly enabled: boolean;
}

const isKept = (definition: ScheduleDefinition): definition is KeptDefinition => definition.type !== 'manual';

/**
 * The schedules of a definition: `<workflow>/<name>`, the name being its type where it has none; a second of the same name gets
 * a number. Stable as long as their order among equals is, so an edit keeps the schedule.
 */
export function ownSchedules(workflow: string, definitions: readonly ScheduleDefinition[]): readonly NamedSchedule[] {
  const seen = new Map<string, number>();
  return definitions.filter(isKept).map((definition) => {
    const name = definition.name ?? definition.type;
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return { scheduleId: `${workflow}/${name}${count === 1 ? '' : `-${count}`}`, workflow, definition, parameters: {}, enabled: true };
  });
}

/** The schedules of a file beside the definitions: `<workflow>/<name>`. */
export const groupSchedules = ({ schedules }: SchedulesFile): readonly NamedSchedule[] =>
  schedules.flatMap(({ name, workflow, schedule, parameters, enabled }) =>
    isKept(schedule) ? [{ scheduleId: `${workflow}/${name}`, workflow, definition: schedule, parameters, enabled }] : [],
  );
