import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { callbackify } from 'node:util';
import type { SMTPServerDataStream, SMTPServerSession } from 'smtp-server';
import type { AcceptedLog } from './accepted-log.ts';
import type { FaultPlan } from './fault-plan.ts';

const maxBytes = 1024 * 1024;
const addressPattern = /^[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+$/;

export interface MailServer {
  readonly url: string;
  close(): Promise<void>;
}

export interface MailServerOptions {
  readonly port: number;
  readonly host: string;
  readonly log: AcceptedLog;
  readonly faults: FaultPlan;
}

/** A server that is down is noticed on connecting; the other faults concern a message. */
function isDown(faults: FaultPlan): boolean {
  if (faults.peek('email')?.kind !== 'down') return false;
  faults.next('email');
  return true;
}

const smtpError = (code: number, text: string): Error => Object.assign(new Error(text), { responseCode: code });

async function bytesOf(stream: SMTPServerDataStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Header fields (lower-case names, unfolded) and the text after the blank line; our own mails are single-part plain text. */
function readMail(raw: string): { readonly headers: ReadonlyMap<string, string>; readonly text: string } {
  const blank = raw.indexOf('\r\n\r\n');
  const head = blank < 0 ? raw : raw.slice(0, blank);
  const lines = head.replaceAll(/\r\n[ \t]+/g, ' ').split('\r\n');
  const pairs = lines.map((line): [string, string] => [
    line.slice(0, line.indexOf(':')).toLowerCase(),
    line.slice(line.indexOf(':') + 1).trim(),
  ]);
  return { headers: new Map(pairs), text: blank < 0 ? '' : raw.slice(blank + 4).trim() };
}

async function takeMail({ log, faults }: MailServerOptions, stream: SMTPServerDataStream, session: SMTPServerSession): Promise<void> {
  const raw = await bytesOf(stream);
  const refuse = (code: number, reason: string): never => {
    log.refuse('email', code, reason);
    throw smtpError(code, reason);
  };
  const fault = faults.next('email');
  if (fault?.kind === 'fail') refuse(fault.status, 'refused on request');
  if (fault?.kind === 'slow') await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
  if (stream.sizeExceeded) refuse(552, 'message is too large');
  const { headers, text } = readMail(raw.toString('utf8'));
  if (!headers.get('subject')) refuse(554, 'the subject is missing');
  if (text === '') refuse(554, 'the message is empty');
  const to = session.envelope.rcptTo.map(({ address }) => address);
  const from = session.envelope.mailFrom ? session.envelope.mailFrom.address : '';
  log.accept('email', to.join(','), { from, to, subject: headers.get('subject') ?? '', messageId: headers.get('message-id') ?? '', text });
}

/** An SMTP server on loopback that takes mail with recipient, subject and text, and refuses all else. */
export async function startMailServer(options: MailServerOptions): Promise<MailServer> {
  // Most tests that use this package send no mail.
  const { SMTPServer } = await import('smtp-server');
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    size: maxBytes,
    logger: false,
    closeTimeout: 200,
    onConnect: (_session, done) => done(isDown(options.faults) ? smtpError(421, 'not available') : null),
    onRcptTo: ({ address }, _session, done) => done(addressPattern.test(address) ? null : smtpError(550, 'no such mailbox')),
    onData: callbackify((stream: SMTPServerDataStream, session: SMTPServerSession) => takeMail(options, stream, session)),
  });
  // A client that breaks off in the middle is its own affair; without a listener it would end the process.
  server.on('error', () => undefined);
  const listener = server.listen(options.port, options.host);
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  return {
    url: `smtp://${options.host}:${port}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
