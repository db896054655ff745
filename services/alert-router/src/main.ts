// alert-router: an alert becomes a page to a person. Wiring only.
import { classifyError } from '@vigil/core';
import { runSink } from '@vigil/kafka';
import { runService } from '@vigil/runtime';
import { openAdapters } from './adapters/open-adapters.ts';
import { startWebhookServer } from './adapters/start-webhook-server.ts';
import { settings } from './config.ts';
import { events } from './events.ts';
import { handlePagerDutyWebhook } from './handlers/handle-pagerduty-webhook.ts';
import { startLoops } from './loops/start-loops.ts';
import { loadAlertPolicy } from './policy/load-alert-policy.ts';
import { alertSink } from './topology.ts';

await runService({ name: 'alert-router', settings, events }, async (context) => {
  const { settings, keys, client, registry, clock, events, observer, engine, onClose, fail } = context;
  const rules = loadAlertPolicy(settings);
  const onTrouble = (error: unknown): void => events.dependencyAway({ code: classifyError(error).code as 'DATABASE_AWAY' });
  const nudge = (): void => loops.nudge();
  const adapters = openAdapters({ settings, rules, tokenKey: keys.token, client, registry, onWritten: nudge });
  onClose('database and relay', adapters.close);
  const pace = { pollMs: 1000, auditMs: 10_000, pruneMs: 60_000, atOnce: settings.deliveriesAtOnce, breakerRestMs: 10_000 };
  const loops = startLoops({ ...adapters, events, clock, random: Math.random, pace, onTrouble, onFatal: fail });
  onClose('delivery', loops.close);
  context.health.watch('delivery', () => ({ live: true, ready: loops.isWell() }));
  context.http.get('/undelivered', async (_request, response) => void response.json({ incidents: await adapters.book.listUndelivered() }));

  const webhook = await startWebhookServer({
    host: settings.webhookHost,
    port: settings.webhookPort,
    handle: (request) =>
      handlePagerDutyWebhook({ secrets: rules.keys.webhookSecrets, book: adapters.book, events, onChanged: nudge }, request),
    onTrouble,
  });
  onClose('webhook server', webhook.close);
  context.supervise('alerts', await runSink(alertSink, { client, registry, target: adapters.target, observer, settings: engine }));
});
