import { LogicalReplicationService, PgoutputPlugin, type Pgoutput } from 'pg-logical-replication';
import { connectionOf, type SourceDatabase } from '../source-database.ts';
import { readLsn, writeLsn, type Lsn } from './lsn.ts';

/** Column → value as PostgreSQL writes it. */
export type Tuple = Readonly<Record<string, string | null>>;

export interface ChangedColumn {
  readonly name: string;
  readonly typeOid: number;
}

/** What the log tells, in its order. */
export type LogEvent =
  | { readonly kind: 'begin'; readonly commit: Lsn; readonly atMs: number }
  | { readonly kind: 'change'; readonly before: Tuple | null; readonly after: Tuple | null; readonly columns: readonly ChangedColumn[] }
  | { readonly kind: 'truncate' }
  | { readonly kind: 'commit'; readonly end: Lsn }
  /** Everything before `lsn` was told. */
  | { readonly kind: 'idle'; readonly lsn: Lsn };

export interface SlotNames {
  readonly slot: string;
  readonly publication: string;
}

export interface ChangeStream extends AsyncIterable<LogEvent> {
  /** Tells the slot that everything before `lsn` is safe; a smaller one than before is not told. `ping`: ask for an idle event. */
  confirm(lsn: Lsn, ping?: 'ping'): void;
  close(): Promise<void>;
}

const mostWaiting = 1_000;

/** Leaves values as text, and counts what came in: a keepalive overtakes what still waits to be handled. */
class TextPlugin extends PgoutputPlugin {
  received = 0;

  override parse(buffer: Buffer): Pgoutput.Message {
    this.received++;
    const message = super.parse(buffer);
    if (message.tag === 'relation') for (const column of message.columns) column.parser = (raw: unknown) => raw;
    return message;
  }
}

const eventOf = (message: Pgoutput.Message): LogEvent | null => {
  switch (message.tag) {
    case 'begin':
      return { kind: 'begin', commit: readLsn(message.commitLsn ?? '0/0'), atMs: Number(message.commitTime) / 1_000 };
    case 'insert':
      return { kind: 'change', before: null, after: message.new, columns: message.relation.columns };
    case 'update':
      return { kind: 'change', before: message.old, after: message.new, columns: message.relation.columns };
    case 'delete':
      return { kind: 'change', before: message.old, after: null, columns: message.relation.columns };
    case 'truncate':
      return { kind: 'truncate' };
    case 'commit':
      return { kind: 'commit', end: readLsn(message.commitEndLsn ?? '0/0') };
    default:
      return null;
  }
};

/** Events between the connection and its reader, which waits for them and whom they wait for. */
function createEventQueue() {
  const events: LogEvent[] = [];
  let failure: { readonly error: unknown } | null = null;
  let news = Promise.withResolvers<void>();
  let room = Promise.withResolvers<void>();
  return {
    push(event: LogEvent): Promise<void> | void {
      events.push(event);
      news.resolve();
      return events.length < mostWaiting ? undefined : room.promise;
    },
    fail(error: unknown): void {
      failure ??= { error };
      news.resolve();
    },
    async *read(): AsyncGenerator<LogEvent> {
      for (;;) {
        if (events.length === 0 && failure) throw failure.error;
        if (events.length === 0) await news.promise;
        const taken = events.splice(0);
        news = Promise.withResolvers();
        if (failure) news.resolve();
        room.resolve();
        room = Promise.withResolvers();
        yield* taken;
      }
    },
  };
}

/** Follows a slot from where it is confirmed. Back-pressure reaches the server: what is not read stays in its log. */
export function openChangeStream(source: SourceDatabase, { slot, publication }: SlotNames, confirmedAtStart: Lsn): ChangeStream {
  const { statement_timeout: _, ...connection } = connectionOf(source);
  const service = new LogicalReplicationService(connection, {
    acknowledge: { auto: false, timeoutSeconds: 0 },
    flowControl: { enabled: true },
  });
  const plugin = new TextPlugin({ protoVersion: 1, publicationNames: [publication] });
  const queue = createEventQueue();
  let handled = 0;
  let confirmed = confirmedAtStart;
  let isClosed = false;

  /** The library tells one more than it is given: the byte behind the last. Told one too many, the slot would skip a commit that begins there. */
  const tell = (ping: boolean): void => void service.acknowledge(writeLsn(confirmed - 1n), ping).catch(() => undefined);
  service.on('data', async (_lsn: string, message: Pgoutput.Message) => {
    const event = eventOf(message);
    if (event) await queue.push(event);
    handled++;
  });
  service.on('heartbeat', (lsn: string, _at: number, shouldRespond: boolean) => {
    if (handled === plugin.received) void queue.push({ kind: 'idle', lsn: readLsn(lsn) });
    if (shouldRespond) tell(false);
  });
  service.on('error', (error: Error) => queue.fail(error));
  // Also while nothing is read, so that the server does not take us for dead.
  const alive = setInterval(() => tell(false), 10_000);
  alive.unref();
  service.subscribe(plugin, slot).then(
    () => queue.fail(new Error('The stream of changes has ended.')),
    (error: unknown) => queue.fail(error),
  );
  return {
    [Symbol.asyncIterator]: () => queue.read(),
    confirm(lsn, ping) {
      if (lsn > confirmed) confirmed = lsn;
      tell(ping === 'ping');
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      clearInterval(alive);
      await service.destroy().catch(() => undefined);
    },
  };
}
