import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:http';
import { VigilError } from '@vigil/core';
import express, { type ErrorRequestHandler, type Request, type RequestHandler, type Response } from 'express';
import type { WebhookRequest } from '../handlers/handle-pagerduty-webhook.ts';

export interface WebhookServerOptions {
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  readonly handle: (request: WebhookRequest) => Promise<number>;
  /** Told of what made a request fail: the provider sends it again. */
  readonly onTrouble: (error: unknown) => void;
}

export interface WebhookServer {
  readonly port: number;
  readonly close: () => Promise<void>;
}

const maxBody = '512kb';

async function listen(server: Server, port: number, host: string): Promise<void> {
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw cause;
    throw new VigilError('PORT_TAKEN', { detail: `${host}:${port} (VIGIL_WEBHOOK_PORT).`, cause });
  }
}

/**
 * The server that PagerDuty's webhooks reach. Separate from metrics and health, because it faces the outside.
 * @throws VigilError PORT_TAKEN
 */
export async function startWebhookServer({ host, port, handle, onTrouble }: WebhookServerOptions): Promise<WebhookServer> {
  const app = express();
  app.disable('x-powered-by');
  const answer = async (request: Request, response: Response): Promise<void> => {
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    response.status(await handle({ signature: request.get('x-pagerduty-signature'), body })).end();
  };
  const refuse = (response: Response, error: unknown): void => {
    const { status } = error as { status?: unknown };
    const isRequests = typeof status === 'number' && status < 500;
    if (!isRequests) onTrouble(error);
    response.status(isRequests ? status : 503).end();
  };
  const receive: RequestHandler = (request, response) => void answer(request, response).catch((error: unknown) => refuse(response, error));
  const unread: ErrorRequestHandler = (error: unknown, _request, response, _next) => refuse(response, error);
  app.post('/v1/webhooks/pagerduty', express.raw({ type: () => true, limit: maxBody }), receive);
  app.use(unread);
  const server = createServer({ requestTimeout: 10_000 }, app);
  await listen(server, port, host);
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
