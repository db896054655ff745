import type { Clock } from '@vigil/core';
import type { Ward, WardMessage } from '@vigil/testing';
import type { WardPublisher } from './ward-publisher.ts';

export interface WardPlay {
  readonly ward: Ward;
  readonly publisher: WardPublisher;
  readonly seconds: number;
  readonly clock: Clock;
  readonly sleep: (ms: number) => Promise<void>;
  /** Called after each second. */
  readonly onSecond: (second: number) => void;
}

const historyMs = 12 * 60_000;
const mostHistory = 200_000;
const leastHistoryStepMs = 5_000;
const slicesPerSecond = 10;

/** The patient who gets worse, and the one whose lead falls off. */
export const deterioratingPatient = 4;
export const leadOffPatient = 1;

/** What the monitors had buffered before they came on line: twelve minutes, so that windows close. */
export async function uploadHistory({ ward, publisher, clock }: Pick<WardPlay, 'ward' | 'publisher' | 'clock'>): Promise<number> {
  const nowMs = clock.now();
  const everyMs = Math.max(leastHistoryStepMs, Math.ceil((historyMs * ward.patientIds.length) / mostHistory));
  const messages = ward.history(nowMs - historyMs, nowMs, everyMs);
  await publisher.readings(messages);
  return messages.length;
}

/** Runs the ward in real time: every monitor sends once a second, spread over the second. */
export async function playWard({ ward, publisher, seconds, clock, sleep, onSecond }: WardPlay): Promise<void> {
  const startMs = clock.now();
  for (let second = 0; second < seconds; second++) {
    if (second === Math.floor(seconds * 0.15)) ward.deteriorate(deterioratingPatient, Math.max(3, Math.floor(seconds * 0.2)));
    if (second === Math.floor(seconds * 0.4)) ward.dropLead(leadOffPatient);
    await playSecond(ward.round(clock.now()), publisher, async (slice) => {
      const dueMs = startMs + second * 1000 + (slice * 1000) / slicesPerSecond;
      await sleep(Math.max(0, dueMs - clock.now()));
    });
    onSecond(second + 1);
  }
}

async function playSecond(
  messages: readonly WardMessage[],
  publisher: WardPublisher,
  due: (slice: number) => Promise<void>,
): Promise<void> {
  const sliceSize = Math.ceil(messages.length / slicesPerSecond);
  for (let slice = 0; slice < slicesPerSecond; slice++) {
    await due(slice + 1);
    await publisher.readings(messages.slice(slice * sliceSize, (slice + 1) * sliceSize));
  }
}
