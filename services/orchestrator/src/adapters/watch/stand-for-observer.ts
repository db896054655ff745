import { topics } from '@vigil/contracts';
import type { KafkaClient } from '@vigil/kafka';

export interface Candidacy {
  readonly isActive: () => boolean;
  readonly close: () => Promise<void>;
}

export interface CandidacyOptions {
  readonly client: KafkaClient;
  readonly sessionTimeoutMs: number;
  readonly onChange: (isActive: boolean) => void;
  readonly onFatal: (error: unknown) => void;
}

/** Members of this group share one partition: whoever has it observes. Nothing is read or committed by it. */
const observerGroup = 'orchestrator.lag-observer';

/**
 * Of several instances one observes; Kafka's group protocol chooses it and chooses anew when it dies. One that was paused and
 * does not know yet that it lost may publish a last observation: readers take the newest one.
 */
export async function standForObserver({ client, sessionTimeoutMs, onChange, onFatal }: CandidacyOptions): Promise<Candidacy> {
  let active = false;
  const set = (next: boolean): void => {
    if (next !== active) onChange(next);
    active = next;
  };
  const member = await client.join({
    group: observerGroup,
    topics: [topics.lagObserved.name],
    sessionTimeoutMs,
    listener: { onAssigned: (partitions) => set(partitions.includes(0)), onLost: () => set(false), onFatal },
  });
  return {
    isActive: () => active,
    close: async () => {
      active = false;
      await member.leave();
    },
  };
}
