/** A record on its way, by its place only. */
export interface Place {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** One thing that a record became. Ids and places; nothing of the patient. */
export interface TraceStep {
  readonly step:
    | 'received'
    | 'accepted'
    | 'operational row'
    | 'late'
    | 'window'
    | 'alert'
    | 'page'
    | 'warehouse row'
    | 'quarantine'
    | 'end';
  readonly place?: Place;
  readonly id?: string;
  /** State, code or disposition in one word. */
  readonly state?: string;
  /** What is known beyond that, or why the way ends here. */
  readonly note?: string;
}

export interface Trace {
  readonly eventId: string | null;
  /** False where the record is not known, or its way could not be followed to an end. */
  readonly found: boolean;
  readonly steps: readonly TraceStep[];
}

const indents: Readonly<Record<TraceStep['step'], number>> = {
  received: 0,
  quarantine: 1,
  accepted: 1,
  'operational row': 2,
  late: 2,
  window: 2,
  alert: 2,
  page: 3,
  'warehouse row': 2,
  end: 1,
};

const placeText = ({ topic, partition, offset }: Place): string => `${topic}-${partition}@${offset}`;

/** A small tree. */
export const traceText = ({ eventId, steps }: Trace): string =>
  [
    `event ${eventId ?? '(unknown)'}`,
    ...steps.map(({ step, place, id, state, note }) =>
      ['  '.repeat(indents[step] + 1) + step, place && placeText(place), id, state, note].filter((part) => part !== undefined).join('  '),
    ),
  ].join('\n');
