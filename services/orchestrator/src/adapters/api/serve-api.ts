import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';
import { VigilError } from '@vigil/core';

export interface ServedApi {
  readonly port: number;
  /** Takes no new request, ends streams, lets the other open ones end. */
  close(): Promise<void>;
}

/** A request that takes longer to arrive is cut off. */
const requestTimeoutMs = 30_000;
/** Open requests have so long to end before their connections are closed: a stream never ends by itself. */
const graceMs = 2000;

const listen = (server: Server, host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });

/** @throws VigilError PORT_TAKEN */
export async function serveApi(app: Express, { host, port }: { readonly host: string; readonly port: number }): Promise<ServedApi> {
  const server = createServer({ requestTimeout: requestTimeoutMs }, app);
  try {
    await listen(server, host, port);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new VigilError('PORT_TAKEN', { detail: `${host}:${port}, wanted for the orchestrator’s API.`, cause: error });
  }
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      server.closeIdleConnections();
      const grace = setTimeout(() => server.closeAllConnections(), graceMs);
      await closed;
      clearTimeout(grace);
    },
  };
}

const shortest = 16;

/**
 * The API's key: the text of the file, without the line end.
 *
 * @throws VigilError BAD_SETTINGS when it cannot be read or is too short to be a secret
 */
export function readApiKey(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw new VigilError('BAD_SETTINGS', { detail: `The API key file ${path} cannot be read.`, cause: error });
  }
  if (/^\S+$/.test(text) && text.length >= shortest) return text;
  throw new VigilError('BAD_SETTINGS', { detail: `The API key file ${path} holds no single word of at least ${shortest} characters.` });
}
