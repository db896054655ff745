import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { createLinkPipe, type Lane, type LinkPipe, type LinkWeather } from './link-pipe.ts';

export type { LinkWeather } from './link-pipe.ts';

export interface LinkPlace {
  readonly host: string;
  readonly port: number;
}

export interface FaultyLinkOptions {
  /** Port 0 = any that is free. On loopback, as everything here. */
  readonly listen: LinkPlace;
  readonly target: LinkPlace;
  /** From 0 up to 1, for jitter. */
  readonly random?: () => number;
}

/**
 * - `request`: what matched goes no further
 * - `answer`: it arrives, and the first byte of what comes back does not: who asked cannot know that it took place
 */
export type CutOf = 'request' | 'answer';

export interface Cut {
  /** Of bytes that a client sent. */
  readonly matches: (bytes: Buffer) => boolean;
  readonly of: CutOf;
}

export interface LinkCounts {
  readonly openConnections: number;
  readonly carriedBytes: number;
  /** That came while nothing was let through. */
  readonly heldBytes: number;
}

/** A way through TCP that can fail. Both of its ends speak to it as to each other. */
export interface FaultyLink {
  readonly address: LinkPlace;
  change(weather: LinkWeather): void;
  /** Resets every open connection, both ends; answers how many. */
  reset(): number;
  /** Resets the next connection on which a client sends what matches; resolves when that has happened. */
  cutNext(cut: Cut): Promise<void>;
  counts(): LinkCounts;
  close(): Promise<void>;
}

interface ArmedCut extends Cut {
  readonly done: () => void;
}

interface Connection {
  pump(): void;
  destroy(): void;
}

const clear: LinkWeather = { kind: 'clear' };

/** Listens in front of `target` and carries what comes to it. @throws when the address is taken */
export async function createFaultyLink({ listen, target, random = Math.random }: FaultyLinkOptions): Promise<FaultyLink> {
  let weather: LinkWeather = clear;
  let armed: ArmedCut | undefined;
  const connections = new Set<Connection>();
  const lane = (): Lane => ({ weather: () => weather, random, freeAtMs: 0, carriedBytes: 0, heldBytes: 0 });
  const [outward, homeward] = [lane(), lane()];

  const open = (client: Socket): void => {
    let pipes: readonly LinkPipe[] = [];
    let server: Socket | undefined;
    let cutting: ArmedCut | undefined;
    const destroy = (): void => {
      connections.delete(connection);
      for (const pipe of pipes) pipe.stop();
      client.resetAndDestroy();
      server?.resetAndDestroy();
    };
    const cut = ({ done }: ArmedCut): 'drop' => {
      destroy();
      done();
      return 'drop';
    };
    const seeRequest = (bytes: Buffer): 'pass' | 'drop' => {
      if (!armed?.matches(bytes)) return 'pass';
      const own = armed;
      armed = undefined;
      if (own.of === 'request') return cut(own);
      cutting = own;
      return 'pass';
    };
    const dial = (): void => {
      server = connect({ ...target, noDelay: true, allowHalfOpen: true });
      pipes = [
        createLinkPipe(outward, { from: client, to: server, inspect: seeRequest }),
        createLinkPipe(homeward, { from: server, to: client, inspect: () => (cutting ? cut(cutting) : 'pass') }),
      ];
    };
    const connection: Connection = {
      pump() {
        if (!server && weather.kind !== 'dark') dial();
        for (const pipe of pipes) pipe.pump();
      },
      destroy,
    };
    connections.add(connection);
    client.on('error', () => undefined);
    client.on('close', () => {
      if (server?.destroyed ?? true) connections.delete(connection);
      else server?.once('close', () => connections.delete(connection));
    });
    connection.pump();
  };

  const listener = createServer({ noDelay: true, allowHalfOpen: true }, open);
  listener.listen(listen);
  await once(listener, 'listening');
  const { port } = listener.address() as { port: number };
  return {
    address: { host: listen.host, port },
    change(next) {
      weather = next;
      for (const connection of connections) connection.pump();
    },
    reset() {
      const open = [...connections];
      for (const connection of open) connection.destroy();
      return open.length;
    },
    cutNext: (cut) =>
      new Promise((resolve) => {
        armed = { ...cut, done: resolve };
      }),
    counts: () => ({
      openConnections: connections.size,
      carriedBytes: outward.carriedBytes + homeward.carriedBytes,
      heldBytes: outward.heldBytes + homeward.heldBytes,
    }),
    async close() {
      const closed = once(listener, 'close');
      listener.close();
      for (const connection of connections) connection.destroy();
      await closed;
    },
  };
}
