import type { TroubleRaised } from '@vigil/contracts';
import { classifyError, type Clock } from '@vigil/core';
import { tellTrouble } from '../halts/stage-halts.ts';
import type { KafkaClient } from '../ports/kafka-client.ts';
import type { SchemaRegistry } from '../ports/schema-registry.ts';
import type { ParametersObserver } from './parameters-index.ts';

export interface RefusalOptions {
  readonly client: KafkaClient;
  readonly registry: SchemaRegistry;
  readonly clock: Clock;
  /** Consumer group that goes on with the version before. */
  readonly stage: string;
  readonly workflow: string;
  /** Log and metric of the service. */
  readonly observer: ParametersObserver;
  /** The trouble could not be told: it is told again at the next start. */
  readonly onFailed: (error: unknown) => void;
  /** How long a version stays refused before anybody is told. */
  readonly settleMs?: number;
}

/** Each start reads all versions again: one that was refused long ago is overtaken at once, and pages nobody for the second time. */
const settledAfterMs = 2000;

interface Refused {
  readonly trouble: TroubleRaised;
  readonly timer: NodeJS.Timeout;
  isTold: boolean;
}

/** Pages engineering about a version that a stage cannot work by, and clears that when a later one is in force. */
export function tellRefused({
  client,
  registry,
  clock,
  stage,
  workflow,
  observer,
  onFailed,
  settleMs = settledAfterMs,
}: RefusalOptions): ParametersObserver {
  const open = new Map<number, Refused>();
  let telling = Promise.resolve();
  const tell = (trouble: TroubleRaised): void => {
    telling = telling.then(() => tellTrouble({ client, registry }, trouble)).catch(onFailed);
  };
  return {
    inForce(version) {
      observer.inForce(version);
      for (const { trouble, timer, isTold } of open.values()) {
        clearTimeout(timer);
        if (isTold) tell({ ...trouble, change: 'cleared', clearedAt: clock.now() });
      }
      open.clear();
    },
    refused(version, error) {
      observer.refused(version, error);
      const trouble: TroubleRaised = {
        troubleId: `parameters-refused/${stage}/${workflow}/${version}`,
        change: 'raised',
        kind: 'parameters-refused',
        severity: 'critical',
        stage,
        topic: '',
        partition: null,
        offset: null,
        code: classifyError(error).code,
        counts: { version },
        detectedAt: clock.now(),
        clearedAt: null,
      };
      clearTimeout(open.get(version)?.timer);
      const timer = setTimeout(() => {
        refusal.isTold = true;
        tell(trouble);
      }, settleMs);
      const refusal: Refused = { trouble, timer: timer.unref(), isTold: open.get(version)?.isTold ?? false };
      open.set(version, refusal);
    },
  };
}
