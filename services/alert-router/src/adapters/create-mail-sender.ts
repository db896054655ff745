import { createTransport } from 'nodemailer';
import { classifySmtp } from '../domain/classify-answer.ts';
import type { Sender } from '../handlers/ports.ts';
import { linkTo, type SenderOptions } from './sender-options.ts';

/** Sends plain text by SMTP; the message id is that of the page, so that a repeat can be recognised. */
export function createMailSender({ smtpUrl, mailFrom, consoleUrl, timeoutMs }: SenderOptions): Sender {
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
      await transport.sendMail({
        from: mailFrom,
        to: address,
        subject: text.summary,
        messageId: `<${dedupKey}.${action}@${domain}>`,
        text: `${text.summary}\n\nOpen the incident: ${linkTo(consoleUrl, text.incidentId)}\n`,
      });
      return { outcome: 'accepted', isFailure: false, status: 250, retryAfterMs: null };
    } catch (error) {
      const { responseCode } = error as { responseCode?: unknown };
      return classifySmtp(typeof responseCode === 'number' ? responseCode : null);
    }
  };
}
