import { VigilError } from '@vigil/core';
import { createTransport } from 'nodemailer';
import { classifySmtp } from '../domain/classify-answer.ts';
import type { Sender } from '../handlers/ports.ts';
import { linkTo, type SenderOptions } from './sender-options.ts';

/** A dialogue has many steps, each of which may take the time-out; all of it ends before the claim does, which lasts four. */
const dialoguePerTimeout = 3;

async function within<Result>(ms: number, work: Promise<Result>): Promise<Result> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new VigilError('TIMED_OUT')), ms);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Sends plain text by SMTP; the message id is that of the page, so that a repeat can be recognised. */
export function createMailSender({ smtpUrl, mailFrom, incidentUrl, timeoutMs }: SenderOptions): Sender {
  const transport = createTransport({
    url: smtpUrl,
    dnsTimeout: timeoutMs,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
  });
  const domain = mailFrom.slice(mailFrom.lastIndexOf('@') + 1);
  return async ({ address, action, dedupKey, text }) => {
    try {
      const link = linkTo({ incidentUrl }, text.incidentId);
      const sent = transport.sendMail({
        from: mailFrom,
        to: address,
        subject: text.summary,
        messageId: `<${dedupKey}.${action}@${domain}>`,
        text: `${text.summary}\n\n${link === null ? `Incident ${text.incidentId}` : `Open the incident: ${link}`}\n`,
      });
      await within(dialoguePerTimeout * timeoutMs, sent);
      return { outcome: 'accepted', isFailure: false, status: 250, retryAfterMs: null };
    } catch (error) {
      const { responseCode } = error as { responseCode?: unknown };
      return classifySmtp(typeof responseCode === 'number' ? responseCode : null);
    }
  };
}
