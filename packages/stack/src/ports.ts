import { createHash } from 'node:crypto';
import { connect, createServer } from 'node:net';
import { VigilError } from '@vigil/core';

/** Below the range from which the system takes the ports of outgoing connections, so that none of them is in the way later. */
const lowest = 20_000;
const count = 11_000;

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

/**
 * Free ports for parts that have none yet.
 *
 * @param seed  names the checkout: two of them begin to look at different places
 * @param known  ports given before; kept as they are
 */
export const assignPorts = async (
  names: readonly string[],
  known: Readonly<Record<string, number>>,
  seed: string,
): Promise<Record<string, number>> => {
  const ports: Record<string, number> = { ...known };
  const taken = new Set(Object.values(ports));
  let next = createHash('sha256').update(seed).digest().readUInt32BE(0) % count;
  for (const name of names) {
    for (let tries = 0; ports[name] === undefined; tries += 1, next = (next + 1) % count) {
      if (tries === count) throw new VigilError('PORT_TAKEN', { detail: `No port from ${lowest} on is free for ${name}.` });
      const port = lowest + next;
      if (!taken.has(port) && (await isPortFree(port))) ports[name] = port;
    }
    taken.add(ports[name] ?? 0);
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
