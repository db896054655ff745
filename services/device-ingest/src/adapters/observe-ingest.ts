import type { Clock } from '@vigil/core';
import type { EmittersOf } from '@vigil/runtime';
import type { events } from '../events.ts';
import type { IngestObserver } from '../handlers/ingest-observer.ts';

type Emitters = Pick<EmittersOf<(typeof events)['declared']>, 'fieldExcluded' | 'readingFlagged' | 'recordMisplaced' | 'devicesMisplaced'>;

const toldEveryMs = 60_000;

/** Carries what the handlers tell to metrics; of misplaced records one in a minute is logged. */
export function observeIngest(emit: Emitters, clock: Clock): IngestObserver {
  let toldAtMs = -Infinity;
  let untold = 0;
  return {
    excluded: (field, code) => emit.fieldExcluded({ field, code } as Parameters<Emitters['fieldExcluded']>[0]),
    flagged: (flag) => emit.readingFlagged({ flag } as Parameters<Emitters['readingFlagged']>[0]),
    misplaced({ topic, partition, offset }) {
      emit.recordMisplaced({ topic, partition });
      untold++;
      const nowMs = clock.now();
      if (nowMs - toldAtMs < toldEveryMs) return;
      emit.devicesMisplaced({ topic, partition, offset, records: untold });
      toldAtMs = nowMs;
      untold = 0;
    },
  };
}
