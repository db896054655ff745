import { setImmediate as turn } from 'node:timers/promises';

export interface GatherOptions<Input, Output> {
  /** Does it for all of them at once, and answers in their order. */
  readonly work: (inputs: readonly Input[]) => Promise<readonly Output[]>;
  /** The most that go together, in the unit of `weigh`; one that weighs more goes alone. */
  readonly most: number;
  readonly weigh?: (input: Input) => number;
  /** Whether a failure of several may be the fault of one: then each is tried by itself, and the others do not pay for it. */
  readonly isOfOne?: (error: unknown) => boolean;
}

interface Asked<Input, Output> {
  readonly input: Input;
  readonly answer: PromiseWithResolvers<Output>;
}

/**
 * Work that costs about the same for one as for many, such as a way to a server: whoever asks while it is under way goes
 * with the next. Nobody waits for company, so one that asks alone is as quick as without.
 *
 * @throws (the function that it returns) what `work` throws, to each that was part of it
 */
export function createGather<Input, Output>(options: GatherOptions<Input, Output>): (input: Input) => Promise<Output> {
  const { work, most, weigh = () => 1, isOfOne = () => false } = options;
  const waiting: Asked<Input, Output>[] = [];
  let isWorking = false;

  const nextOnes = (): Asked<Input, Output>[] => {
    let weight = 0;
    let count = 0;
    for (; count < waiting.length; count++) {
      weight += weigh((waiting[count] as Asked<Input, Output>).input);
      if (weight > most && count > 0) break;
    }
    return waiting.splice(0, count);
  };
  const settle = async (asked: readonly Asked<Input, Output>[]): Promise<void> => {
    try {
      const answers = await work(asked.map(({ input }) => input));
      for (const [at, { answer }] of asked.entries()) answer.resolve(answers[at] as Output);
    } catch (error) {
      if (asked.length > 1 && isOfOne(error)) for (const one of asked) await settle([one]);
      else for (const { answer } of asked) answer.reject(error);
    }
  };
  const run = async (): Promise<void> => {
    isWorking = true;
    // Those that go on at the same moment ask in the same turn of the loop.
    await turn();
    while (waiting.length > 0) await settle(nextOnes());
    isWorking = false;
  };
  return (input) => {
    const answer = Promise.withResolvers<Output>();
    waiting.push({ input, answer });
    if (!isWorking) void run();
    return answer.promise;
  };
}
