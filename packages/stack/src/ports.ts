import { createHash } from 'node:crypto';
import { connect, createServer } from 'node:net';
import { VigilError } from '@vigil/core';

export interface PortRange {
  readonly lowest: number;
  readonly count: number;
}

/** Below the range from which the system takes the ports of outgoing connections, so that none of them is in the way later. */
const usualRange: PortRange = { lowest: 20_000, count: 11_000 };

/** Whether nothing listens on this loopback port and nothing forbids to. */
export const isPortFree = async (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });

/** Whether something accepts connections there. */
export const isListening = async (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1_000 });
    const answer = (listening: boolean) => {
      socket.destroy();
      resolve(listening);
    };
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
    socket.once('timeout', () => answer(false));
  });

export interface PortWishes {
  readonly names: readonly string[];
  /** Ports given before; kept as they are. */
  readonly known: Readonly<Record<string, number>>;
  /** Names the checkout: two of them begin to look at different places. */
  readonly seed: string;
  readonly range?: PortRange;
}

/** Free ports for parts that have none yet. */
export const assignPorts = async ({ names, known, seed, range = usualRange }: PortWishes): Promise<Record<string, number>> => {
  const { lowest, count } = range;
  const ports: Record<string, number> = { ...known };
  const taken = new Set(Object.values(ports));
  const begin = createHash('sha256').update(seed).digest().readUInt32BE(0);
  let tries = 0;
  const nextFree = async (name: string): Promise<number> => {
    for (; tries < count; tries += 1) {
      const port = lowest + ((begin + tries) % count);
      if (!taken.has(port) && (await isPortFree(port))) return port;
    }
    throw new VigilError('PORT_TAKEN', { detail: `No port from ${lowest} to ${lowest + count - 1} is free for ${name}.` });
  };
  for (const name of names) {
    if (ports[name] !== undefined) continue;
    const port = await nextFree(name);
    ports[name] = port;
    taken.add(port);
  }
  return ports;
};

/** Refuses to start a part on a port that another program holds. */
export const requireFreePort = async (part: string, port: number): Promise<void> => {
  if (await isPortFree(port)) return;
  throw new VigilError('PORT_TAKEN', {
    detail: `Port ${port} of ${part}. It was chosen at the first start and stands in stack.json; remove that file to choose new ports.`,
  });
};
