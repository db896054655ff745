import type { EngineClock } from '@vigil/kafka';

/** Virtual time that moves from one appointment to the next, never by itself. */
export interface SimClock extends EngineClock {
  /** Keeps the next appointment, with the time it was made for. False = there is none up to `untilMs`: then it is `untilMs`. */
  runNext(untilMs: number): boolean;
}

interface Appointment {
  readonly dueMs: number;
  /** Two at one time are kept in the order in which they were made. */
  readonly number: number;
  readonly run: () => void;
  cancelled: boolean;
}

const isBefore = (a: Appointment, b: Appointment): boolean => a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.number < b.number);

function pushTo(heap: Appointment[], added: Appointment): void {
  let at = heap.push(added) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!isBefore(added, heap[parent] as Appointment)) break;
    heap[at] = heap[parent] as Appointment;
    at = parent;
  }
  heap[at] = added;
}

function popFrom(heap: Appointment[]): Appointment {
  const first = heap[0] as Appointment;
  const moved = heap.pop() as Appointment;
  if (heap.length === 0) return first;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && isBefore(heap[child + 1] as Appointment, heap[child] as Appointment)) child++;
    if (!isBefore(heap[child] as Appointment, moved)) break;
    heap[at] = heap[child] as Appointment;
    at = child;
  }
  heap[at] = moved;
  return first;
}

export function createSimClock(startMs: number): SimClock {
  const heap: Appointment[] = [];
  let nowMs = startMs;
  let made = 0;
  return {
    // Whole milliseconds for whoever asks, as a real clock has; in between things still have their order.
    now: () => Math.floor(nowMs),
    after(delayMs, run) {
      const appointment: Appointment = { dueMs: nowMs + Math.max(0, delayMs), number: made++, run, cancelled: false };
      pushTo(heap, appointment);
      return () => void (appointment.cancelled = true);
    },
    runNext(untilMs) {
      while (heap.length > 0 && (heap[0] as Appointment).dueMs <= untilMs) {
        const next = popFrom(heap);
        if (next.cancelled) continue;
        nowMs = next.dueMs;
        next.run();
        return true;
      }
      nowMs = Math.max(nowMs, untilMs);
      return false;
    },
  };
}
