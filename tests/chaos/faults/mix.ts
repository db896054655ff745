import type { SeededRandom } from '@vigil/testing';
import type { Fault } from './fault.ts';

/** F16: some faults at once, as one. Two that both stop and start parts of the stack wait for each other by its lock. */
export const together = (parts: readonly [Fault, ...Fault[]]): Fault => ({
  id: 'F16',
  title: parts.map(({ id }) => id).join(' + '),
  inject: async (context) => {
    const outcomes = await Promise.allSettled(parts.map((part) => part.inject(context)));
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed) throw failed.reason;
    return outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? outcome.value : []));
  },
});

/** Two or three different ones of `choice`. */
export function pickSome(choice: readonly [Fault, Fault, ...Fault[]], random: SeededRandom): [Fault, ...Fault[]] {
  const [first, ...rest] = [...choice].map((fault) => ({ fault, at: random.next() })).sort((a, b) => a.at - b.at);
  const more = rest.slice(0, random.chance(0.5) ? 1 : 2).map(({ fault }) => fault);
  return [first?.fault ?? choice[0], ...more];
}
