import { renamed, type KafkaClient } from '@vigil/kafka';

/**
 * A client whose topics, groups and transactional ids carry a prefix that its user does not see: several tests share a
 * broker without meeting.
 */
export function namespaced(client: KafkaClient, prefix: string): KafkaClient {
  const add = (name: string): string => `${prefix}${name}`;
  return renamed(client, {
    topic: add,
    back: (name) => name.slice(prefix.length),
    isOurs: (name) => name.startsWith(prefix),
    owner: add,
    written: add,
  });
}
