import type { Clock } from '@vigil/core';
import { faultTroublesToTell, toldFaults, type ProcessorFault } from '../../domain/watch/processor-faults.ts';
import type { TroubleTopic } from './tell-group-troubles.ts';

export interface FaultTellerOptions extends TroubleTopic {
  readonly openReader: () => { readonly read: () => Promise<ReadonlyMap<string, ProcessorFault>> };
  readonly clock: Clock;
}

export interface FaultTeller {
  /** After a failure the next look tells it. */
  readonly look: () => Promise<void>;
  /** Another instance looks: this one begins anew when it takes over. */
  readonly forget: () => void;
}

/** Pages engineering for records that our own code failed on: once per stage and topic, however many there are, over restarts too. */
export function createFaultTeller({ openReader, clock, told, tell }: FaultTellerOptions): FaultTeller {
  let reader: ReturnType<typeof openReader> | null = null;
  return {
    look: async () => {
      const newest = await (reader ??= openReader()).read();
      // The topic itself says what was told, whoever told it.
      const troubles = faultTroublesToTell(toldFaults(await told()), newest, clock.now());
      if (troubles.length > 0) await tell(troubles);
    },
    forget: () => {
      reader = null;
    },
  };
}
