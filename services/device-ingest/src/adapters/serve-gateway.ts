import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';
import { VigilError } from '@vigil/core';

export interface ServedGateway {
  readonly port: number;
  /** Takes no new request, lets the open ones end. */
  close(): Promise<void>;
}

/** A device that sends slower than this is cut off. */
const requestTimeoutMs = 30_000;

const listen = (server: Server, host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });

/** @throws VigilError PORT_TAKEN */
export async function serveGateway(app: Express, { host, port }: { readonly host: string; readonly port: number }): Promise<ServedGateway> {
  const server = createServer({ requestTimeout: requestTimeoutMs }, app);
  try {
    await listen(server, host, port);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new VigilError('PORT_TAKEN', { detail: `${host}:${port}, wanted for the gateway.`, cause: error });
  }
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      server.closeIdleConnections();
      await closed;
    },
  };
}
