import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock, type Clock } from '@vigil/core';
import { createAcceptedLog, type AcceptedLog } from './accepted-log.ts';
import { answerPagerDuty } from './answer-pagerduty.ts';
import { answerSlack } from './answer-slack.ts';
import { createFaultPlan, type Fault, type FaultPlan, type ProviderChannel } from './fault-plan.ts';
import type { ProviderAnswer, ProviderRequest } from './provider-answer.ts';
import { answerControl } from './provider-control.ts';
import { createRateLimit } from './rate-limit.ts';
import { startMailServer } from './start-mail-server.ts';

export interface ProviderOptions {
  readonly host?: string;
  /** 0 = any free port. */
  readonly port?: number;
  readonly smtpPort?: number;
  readonly clock?: Clock;
  readonly pagerDutyPerMinute?: number;
  readonly slackPerSecond?: number;
  readonly routingKeys?: ReadonlySet<string>;
  readonly slackWebhooks?: ReadonlySet<string>;
  readonly revokedSlackWebhooks?: ReadonlySet<string>;
  readonly webhook?: { readonly url: string; readonly secret: string };
}

/** A running stand-in for PagerDuty, Slack and a mail server, that refuses what the real ones refuse. */
export interface Providers {
  /** Base URL of PagerDuty's and Slack's API and of `GET /accepted`. */
  readonly url: string;
  readonly smtpUrl: string;
  readonly log: AcceptedLog;
  readonly faults: FaultPlan;
  close(): Promise<void>;
}

const maxBodyBytes = 4 * 1024 * 1024;

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    const piece = chunk as Buffer;
    bytes += piece.length;
    if (bytes <= maxBodyBytes) chunks.push(piece);
  }
  return Buffer.concat(chunks);
}

function reply(response: ServerResponse, { status, headers, body }: ProviderAnswer): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

async function misbehave(fault: Fault, response: ServerResponse, answer: () => ProviderAnswer): Promise<void> {
  switch (fault.kind) {
    case 'fail': {
      const headers = fault.retryAfterSeconds === undefined ? {} : { 'retry-after': String(fault.retryAfterSeconds) };
      return reply(response, { status: fault.status, headers, body: 'refused on request' });
    }
    case 'slow':
      await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
      return reply(response, answer());
    case 'down':
      return void response.destroy();
    case 'deaf':
      answer();
      return void response.destroy();
  }
}

/** Starts the stand-in on loopback. */
export async function startProviders(options: ProviderOptions = {}): Promise<Providers> {
  const { host = '127.0.0.1', clock = systemClock, routingKeys, slackWebhooks, revokedSlackWebhooks, webhook } = options;
  const log = createAcceptedLog(clock);
  const faults = createFaultPlan();
  const pagerDuty = {
    log,
    limit: createRateLimit({ requests: options.pagerDutyPerMinute ?? 120, perMs: 60_000, clock }),
    ...(routingKeys && { routingKeys }),
  };
  const slack = {
    log,
    limit: createRateLimit({ requests: options.slackPerSecond ?? 1, perMs: 1000, clock }),
    ...(slackWebhooks && { webhooks: slackWebhooks }),
    ...(revokedSlackWebhooks && { revoked: revokedSlackWebhooks }),
  };

  const answerAs = async (channel: ProviderChannel, response: ServerResponse, answer: () => ProviderAnswer): Promise<void> => {
    const fault = faults.next(channel);
    if (fault) await misbehave(fault, response, answer);
    else reply(response, answer());
  };
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = new URL(request.url ?? '/', 'http://stand-in').pathname;
    const body = await readBody(request);
    const provider: ProviderRequest = { path, contentType: request.headers['content-type'] ?? '', body };
    const route = `${request.method} ${path}`;
    if (route === 'POST /v2/enqueue') return answerAs('pagerduty', response, () => answerPagerDuty(pagerDuty, provider));
    if (route.startsWith('POST /services/')) return answerAs('slack', response, () => answerSlack(slack, provider));
    const control = await answerControl({ log, faults, ...(webhook && { webhook }) }, route, body);
    return reply(response, control ?? { status: 404, body: 'not found' });
  };

  const server = createServer((request, response) => void handle(request, response).catch(() => response.destroy()));
  const mail = await startMailServer({ host, port: options.smtpPort ?? 0, log, faults });
  server.listen(options.port ?? 0, host);
  await once(server, 'listening');
  const close = async (): Promise<void> => {
    server.close();
    server.closeAllConnections();
    await mail.close();
  };
  return { url: `http://${host}:${(server.address() as AddressInfo).port}`, smtpUrl: mail.url, log, faults, close };
}
