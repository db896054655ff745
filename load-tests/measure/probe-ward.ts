import { createWard } from '@vigil/testing';
import { setTimeout as sleep } from 'node:timers/promises';
import { post, type Gateway } from './device-load.ts';

export interface ProbeWard {
  /** Ends after the round under way; answers how many messages were acknowledged. */
  stop(): Promise<number>;
}

const clean = { duplicates: 0, malformed: 0, dropouts: 0, heldBack: 0 };

/**
 * A small ward beside the load, one reading a second and patient through the gateway, whose patients get worse one after the
 * other. A refused round is sent again, as a device would.
 */
export function startProbeWard(
  gateway: Gateway,
  { name, patients, seconds }: { name: string; patients: number; seconds: number },
): ProbeWard {
  const ward = createWard({ seed: 7, patients, name }, clean);
  let stopped = false;
  let acknowledged = 0;
  const sendRound = async (): Promise<void> => {
    const round = ward.round(Date.now());
    const body = round.map(({ value }) => value.toString('utf8')).join('\n');
    for (let attempt = 0; attempt < 5 && !stopped; attempt++) {
      const { status, retryAfterSeconds } = await post(gateway, body);
      if (status === 202) {
        acknowledged += round.length;
        return;
      }
      await sleep(Math.min(1, retryAfterSeconds) * 1000);
    }
  };
  const run = async (): Promise<void> => {
    let worse = 0;
    for (let second = 0; !stopped; second++) {
      const due = Date.now() + 1000;
      const next = Math.floor(((second - 2) * patients) / Math.max(1, seconds - 15));
      for (; worse < Math.min(patients, next); worse++) ward.deteriorate(worse, 4);
      await sendRound();
      await sleep(Math.max(0, due - Date.now()));
    }
  };
  const running = run();
  return {
    stop: async () => {
      stopped = true;
      await running;
      return acknowledged;
    },
  };
}
