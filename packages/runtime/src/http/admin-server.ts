import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ErrorRequestHandler, Router } from 'express';
import { VigilError } from '@vigil/core';
import type { Metrics } from '../telemetry/create-metrics.ts';
import type { Health } from './create-health.ts';

export interface AdminServer {
  /** For routes of the service's own; they are internal, without patient data. */
  readonly app: Router;
  readonly port: number;
  close(): Promise<void>;
}

export interface AdminOptions {
  readonly host: string;
  readonly port: number;
  readonly metrics: Metrics;
  readonly health: Health;
}

const listen = (server: Server, port: number, host: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });

const isTaken = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'EADDRINUSE';

/** Whoever asked learns that it failed; what failed may quote a record. */
const refuse: ErrorRequestHandler = (_error: unknown, _request, response, _next) => void response.status(500).end();

/**
 * Serves `/metrics`, `/health/live` and `/health/ready` (200 or 503, with what each part says).
 * @throws VigilError PORT_TAKEN
 */
export async function startAdminServer({ host, port, metrics, health }: AdminOptions): Promise<AdminServer> {
  // Only a service that is started pays for loading it.
  const { default: express } = await import('express');
  const app = express().disable('x-powered-by').disable('etag');
  app.get('/metrics', async (_request, response) => {
    response.type(metrics.contentType).send(await metrics.expose());
  });
  app.get('/health/live', (_request, response) => {
    const report = health.report();
    response.status(report.live ? 200 : 503).json(report);
  });
  app.get('/health/ready', (_request, response) => {
    const report = health.report();
    response.status(report.ready ? 200 : 503).json(report);
  });
  const routes = express.Router();
  app.use(routes, refuse);
  const server = createServer(app);
  try {
    await listen(server, port, host);
  } catch (error) {
    if (isTaken(error)) throw new VigilError('PORT_TAKEN', { detail: `${host}:${port} (VIGIL_ADMIN_PORT).`, cause: error });
    throw error;
  }
  return {
    app: routes,
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      server.closeAllConnections();
      await closed;
    },
  };
}
