import type { SinkSpec, SinkTarget } from '@vigil/kafka';

/** A target of the loader, ready for `runSink`. */
export interface RunnableSink {
  readonly spec: SinkSpec;
  readonly target: SinkTarget;
}
