import type { GroupMember, IdempotentProducer, JoinOptions, KafkaClient, TransactionalProducer } from '@vigil/kafka';
import type { Coordinator } from './coordinator.ts';
import type { Network } from './network.ts';
import type { ProcessLife } from './process-life.ts';

export interface SimClientOptions {
  /** A client of the model broker, without delays of its own. */
  readonly inner: KafkaClient;
  readonly network: Network;
  readonly life: ProcessLife;
  readonly coordinator: Coordinator;
}

type Ask = <Answer>(operation: string, effect: () => Promise<Answer>, waitMs?: number) => Promise<Answer>;

const overNetwork = (producer: TransactionalProducer, ask: Ask): TransactionalProducer => ({
  fence: () => ask('fence', () => producer.fence()),
  begin: () => producer.begin(),
  send: (records) => ask('send', () => producer.send(records)),
  sendPositions: (group, positions) => ask('sendPositions', () => producer.sendPositions(group, positions)),
  commit: () => ask('commit', () => producer.commit()),
  abort: () => ask('abort', () => producer.abort()),
  close: () => producer.close(),
});

const plainOverNetwork = (producer: IdempotentProducer, ask: Ask): IdempotentProducer => ({
  send: (records) => ask('produce', () => producer.send(records)),
  close: () => producer.close(),
});

/** A client whose every request crosses the simulated network. */
export function createSimClient({ inner, network, life, coordinator }: SimClientOptions): KafkaClient {
  const ask: Ask = (operation, effect, waitMs) => network.request(life, operation, effect, waitMs);
  const { admin } = inner;
  const join = async ({ listener, ...options }: JoinOptions): Promise<GroupMember> => {
    // What concerns a member that never heard of its membership reaches nobody.
    const heard = Promise.withResolvers<void>();
    heard.promise.catch(() => undefined);
    const tell = (run: () => void): void => network.notify(life, () => void heard.promise.then(run, () => undefined));
    const entering = ask('join', () =>
      coordinator.enter(options.group, life, () =>
        inner.join({
          ...options,
          listener: {
            onAssigned: (numbers) => tell(() => listener.onAssigned(numbers)),
            onLost: () => tell(() => listener.onLost()),
            onFatal: (error) => tell(() => listener.onFatal(error)),
          },
        }),
      ),
    );
    entering.then(() => heard.resolve(), heard.reject);
    const member = await entering;
    member.beginHeartbeats();
    return {
      confirm: () => ask('confirm', () => member.confirm()),
      commitPositions: (positions) => ask('commitPositions', () => member.commitPositions(positions)),
      leave: () => ask('leave', () => member.leave()),
    };
  };
  return {
    admin: {
      describeTopics: (names) => ask('describeTopics', () => admin.describeTopics(names)),
      listTopics: () => ask('listTopics', () => admin.listTopics()),
      createTopics: (topics) => ask('createTopics', () => admin.createTopics(topics)),
      startOffsets: (topic) => ask('startOffsets', () => admin.startOffsets(topic)),
      stableOffsets: (topic) => ask('stableOffsets', () => admin.stableOffsets(topic)),
      highWatermarks: (topic) => ask('highWatermarks', () => admin.highWatermarks(topic)),
      committed: (group, topics) => ask('committed', () => admin.committed(group, topics)),
      commitPositions: (group, positions) => ask('commitPositions', () => admin.commitPositions(group, positions)),
      close: () => admin.close(),
    },
    join,
    async openFetcher() {
      const fetcher = await inner.openFetcher();
      return { ...fetcher, poll: (maxWaitMs) => network.fetch(life, () => fetcher.poll(maxWaitMs), maxWaitMs) };
    },
    openTransactionalProducer: async (options) => overNetwork(await inner.openTransactionalProducer(options), ask),
    openIdempotentProducer: async () => plainOverNetwork(await inner.openIdempotentProducer(), ask),
    close: () => inner.close(),
  };
}
