import type { Channel } from '../domain/route.ts';
import type { Sender } from '../handlers/ports.ts';
import { createMailSender } from './create-mail-sender.ts';
import { createPagerDutySender } from './create-pagerduty-sender.ts';
import { createSlackSender } from './create-slack-sender.ts';
import type { SenderOptions } from './sender-options.ts';

/** One sender per channel. */
export const createSenders = (options: SenderOptions): Readonly<Record<Channel, Sender>> => ({
  pagerduty: createPagerDutySender(options),
  slack: createSlackSender(options),
  email: createMailSender(options),
});
