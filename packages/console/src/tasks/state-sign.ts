import type { RunDetail, TaskRun } from '../generated/api-types.ts';

export type TaskState = TaskRun['state'];
export type RunStatus = RunDetail['status'];
export type Tone = 'good' | 'bad' | 'busy' | 'idle' | 'held';

/** How a state is shown: a shape and a word; the colour only repeats them. */
export interface StateSign {
  readonly text: string;
  /** Path in a box of 16 × 16, drawn by a line. */
  readonly shape: string;
  readonly tone: Tone;
}

const check = 'M3 8.5 6.5 12 13 4';
const cross = 'M4 4 12 12M12 4 4 12';
const play = 'M5 3 13 8 5 13Z';
const bars = 'M5.5 3v10M10.5 3v10';
const square = 'M4 4h8v8H4Z';
const struck = 'M8 2a6 6 0 1 1 0 12a6 6 0 1 1 0-12M4 12 12 4';
const ring = 'M8 2a6 6 0 1 1 0 12a6 6 0 1 1 0-12';

const signs: Readonly<Record<TaskState | RunStatus, StateSign>> = {
  waiting: { text: 'waiting', shape: ring, tone: 'idle' },
  queued: { text: 'queued', shape: 'M3 4h10M3 8h10M3 12h10', tone: 'idle' },
  requested: { text: 'handed out', shape: 'M2 8h11M9 4l4 4-4 4', tone: 'busy' },
  running: { text: 'running', shape: play, tone: 'busy' },
  'backing-off': { text: 'backing off', shape: 'M13 8a5 5 0 1 1-2-4M11 1v3.5H7.5', tone: 'held' },
  stopping: { text: 'stopping', shape: square, tone: 'held' },
  held: { text: 'held', shape: bars, tone: 'held' },
  paused: { text: 'paused', shape: bars, tone: 'held' },
  cancelling: { text: 'cancelling', shape: square, tone: 'held' },
  succeeded: { text: 'succeeded', shape: check, tone: 'good' },
  failed: { text: 'failed', shape: cross, tone: 'bad' },
  'fell-back': { text: 'fell back', shape: 'M3 3v6h9M9 6l3 3-3 3', tone: 'good' },
  skipped: { text: 'skipped', shape: 'M3 3l5 5-5 5M12 3v10', tone: 'idle' },
  cancelled: { text: 'cancelled', shape: struck, tone: 'idle' },
};

const unknown = (state: string): StateSign => ({ text: state, shape: 'M8 3v6M8 12v1', tone: 'held' });

/** The sign of a state of a task or a run; a state that a later orchestrator brings is shown by its name. */
export const signOf = (state: string): StateSign => (Object.hasOwn(signs, state) ? signs[state as TaskState] : unknown(state));

/** Gravest first: what a task of several parts is shown as. */
const byGravity: readonly TaskState[] = [
  'failed',
  'stopping',
  'running',
  'requested',
  'backing-off',
  'queued',
  'held',
  'waiting',
  'cancelled',
  'fell-back',
  'skipped',
  'succeeded',
];

/** The state that speaks for several. */
export const gravestOf = (states: readonly TaskState[]): TaskState => byGravity.find((state) => states.includes(state)) ?? 'waiting';

const over: readonly string[] = ['succeeded', 'failed', 'fell-back', 'skipped', 'cancelled'];

/** Whether nothing more happens in this state by itself. */
export const isOver = (state: string): boolean => over.includes(state);
