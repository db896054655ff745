import type { KafkaClient } from '../ports/kafka-client.ts';
import { renamed } from './renamed.ts';
import { liveTopicsOf, runNameOf } from './run-names.ts';

/**
 * A client for new code or parameters that run beside the live stage. It reads the live topics; its group, transactional
 * ids, changelogs, outputs, quarantine, ways back and ledger carry the run id, so nothing that it does is seen by a
 * reader of a live topic: an alert of a run pages nobody.
 *
 * @param stage  the group whose topics it reads
 */
export function withRunId(client: KafkaClient, stage: string, runId: string): KafkaClient {
  const live = liveTopicsOf(stage);
  const suffix = `.${runId}`;
  const owner = (name: string): string => runNameOf(name, runId);
  const topic = (name: string): string => (live.has(name) ? name : owner(name));
  return renamed(client, {
    topic,
    back: (name) => (name.endsWith(suffix) ? name.slice(0, -suffix.length) : name),
    isOurs: (name) => live.has(name) || name.endsWith(suffix),
    owner,
    written: (name) => {
      if (live.has(name)) throw new TypeError(`A run never writes to ${name}.`);
      return topic(name);
    },
  });
}
