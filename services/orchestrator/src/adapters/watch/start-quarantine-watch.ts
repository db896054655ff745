import { classifyError, type ErrorCode } from '@vigil/core';
import { systemEngineClock, type EngineClock, type KafkaClient, type SchemaRegistry } from '@vigil/kafka';
import type { SettledEntries } from '@vigil/postgres';
import type { OnClose } from '@vigil/runtime';
import { createFaultTeller } from '../../loops/watch/tell-processor-faults.ts';
import { createQuarantineMeasure, type QuarantineAge } from './measure-quarantines.ts';
import { createFaultReader } from './read-faults.ts';
import { createTroubleLog } from './trouble-log.ts';

export interface QuarantineWatchParts {
  readonly client: KafkaClient;
  readonly registry: SchemaRegistry;
  readonly settled: SettledEntries;
  /** Takes back the figures that another instance exposes now. */
  readonly forgetFigures: () => void;
  readonly events: {
    readonly quarantineObserved: (age: QuarantineAge) => void;
    readonly quarantineNotObserved: (failure: { readonly code: ErrorCode }) => void;
  };
  readonly onClose: OnClose;
}

const everyMs = 60_000;

/** Once a minute the instance that observes exposes the age of every quarantine and pages engineering for faults of our own code in it. */
export function startQuarantineWatch(
  { client, registry, settled, forgetFigures, events, onClose }: QuarantineWatchParts,
  isActive: () => boolean,
  clock: EngineClock = systemEngineClock,
): void {
  const log = createTroubleLog(client, registry);
  const faults = createFaultTeller({ ...log, openReader: () => createFaultReader(client, clock), clock });
  const ages = createQuarantineMeasure({ client, settled, clock });
  let stopped = false;
  let cancel = (): void => undefined;
  let looking: Promise<void> = Promise.resolve();

  const look = async (): Promise<void> => {
    if (!isActive()) {
      forgetFigures();
      return faults.forget();
    }
    try {
      for (const age of await ages.measure()) events.quarantineObserved(age);
      await faults.look();
    } catch (error) {
      if (!stopped) events.quarantineNotObserved({ code: classifyError(error).code as ErrorCode });
    }
  };
  const turn = (): void => {
    looking = look().finally(() => {
      if (!stopped) cancel = clock.after(everyMs, turn);
    });
  };

  turn();
  onClose('quarantine watch', async () => {
    stopped = true;
    cancel();
    await looking;
    await log.close();
    await settled.close();
  });
}
