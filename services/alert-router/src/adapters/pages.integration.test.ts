import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { createTestDatabase, sendPagerDutyWebhook, type Accepted, type TestDatabase } from '@vigil/testing';
import {
  forgetSql,
  quietEvents,
  routingKey,
  startHarness,
  testKeys,
  until,
  type Harness,
  type HarnessOptions,
} from '../../fixtures/router-harness.ts';
import { handlePagerDutyWebhook } from '../handlers/handle-pagerduty-webhook.ts';
import { startWebhookServer } from './start-webhook-server.ts';

let database: TestDatabase;
let harness: Harness | undefined;

beforeAll(async () => {
  database = await createTestDatabase('vigil');
});
afterAll(() => database?.drop());
afterEach(async () => {
  expect(harness?.fatal).toEqual([]);
  await harness?.close();
  harness = undefined;
});

const start = async (options: Omit<HarnessOptions, 'databaseUrl'> = {}): Promise<Harness> => {
  await database.pool.query(forgetSql);
  return (harness = await startHarness({ databaseUrl: database.url, ...options }));
};

const alphabetically = (left: string, right: string): number => left.localeCompare(right);
const by = (channel: Accepted['channel']) => (one: Accepted) => one.channel === channel;
const actions = (accepted: readonly Accepted[]): unknown[] =>
  accepted.filter(by('pagerduty')).map(({ message }) => message['event_action']);

test('a critical alert is paged, published and measured; its end resolves the page', async () => {
  const { publish, accepted, query, changes, told } = await start();

  await publish({});
  const [page] = await accepted((list) => list.length >= 1);
  expect(page).toMatchObject({
    channel: 'pagerduty',
    recipient: routingKey('nurses-key'),
    message: { event_action: 'trigger', payload: { summary: 'Critical patient alert (step 1 of 3)', severity: 'critical' } },
  });
  expect(page?.message['client_url']).toBe(`https://vigil.example/incidents/${String(page?.message['dedup_key']).slice(0, -2)}`);

  await until(async () => (await query("SELECT 1 FROM alerting.incident_event WHERE change = 'accepted'")).length === 1);
  await publish({ change: 'cleared', clearedAt: Date.now() });
  expect(actions(await accepted((list) => list.length >= 2))).toEqual(['trigger', 'resolve']);
  const published = await until(async () => {
    const list = await changes();
    return list.length >= 3 && list;
  });
  expect(published.map(({ change }) => change)).toEqual(['opened', 'accepted', 'resolved']);
  expect(new Set(published.map(({ changeId }) => changeId)).size).toBe(3);
  const [attempt] = await query<{ latency_ms: number }>('SELECT latency_ms FROM alerting.delivery_attempt ORDER BY id LIMIT 1');
  expect(attempt?.latency_ms).toBeGreaterThan(0);
  expect(told.filter(({ event }) => event === 'delivered')).toHaveLength(1);
});

const trouble = (detectedAt: number) => ({ troubleId: 't-1', change: 'raised', kind: 'ledger-imbalance', severity: 'critical', stage: 'vitals-windowing', topic: 'vitals.reading.accepted.v1', partition: 2, offset: 7, code: '', counts: { unaccounted: 1 }, detectedAt, clearedAt: null }); // prettier-ignore

test('a trouble of the fleet pages engineering once, and its end resolves the page', async () => {
  const { publishTrouble, accepted, query } = await start();
  const raised = trouble(Date.now());

  await publishTrouble(raised);
  await publishTrouble(raised);
  const [page] = await accepted((list) => list.length >= 1);
  expect(page).toMatchObject({
    channel: 'pagerduty',
    message: { event_action: 'trigger', payload: { summary: 'Vigil itself: the ledger does not balance', severity: 'critical' } },
  });
  await publishTrouble({ ...raised, change: 'cleared', clearedAt: Date.now() });
  expect(actions(await accepted((list) => list.length >= 2))).toEqual(['trigger', 'resolve']);
  expect(await query('SELECT kind, rule, state FROM alerting.incident')).toEqual([
    { kind: 'operational', rule: 'ledger-imbalance', state: 'resolved' },
  ]);
});

test('what has been over for longer than the retention is deleted with all that belongs to it; what is under way stays', async () => {
  const { publish, accepted, query, told } = await start();
  await publish({});
  await accepted((list) => list.length >= 1);
  await publish({ change: 'cleared', clearedAt: Date.now() });
  await accepted((list) => list.length >= 2);
  await publish({ alertId: 'still-open', raisedAt: Date.now() - 400 });
  await accepted((list) => list.length >= 3);
  await until(async () => (await query("SELECT FROM alerting.outbox WHERE state = 'accepted'")).length === 3);
  expect(told.map(({ event }) => event)).not.toContain('pruned');

  await query("UPDATE alerting.incident SET changed_at = clock_timestamp() - interval '401 days'");
  await until(() => told.some(({ event }) => event === 'pruned'));
  const counts =
    await query(`SELECT (SELECT count(*) FROM alerting.incident) AS incidents, (SELECT count(*) FROM alerting.outbox) AS messages,
    (SELECT count(*) FROM alerting.delivery_attempt) AS attempts, (SELECT count(DISTINCT incident_id) FROM alerting.incident_event) AS timelines`);
  expect(counts).toEqual([{ incidents: 1, messages: 1, attempts: 1, timelines: 1 }]);
  expect(await query('SELECT alert_id FROM alerting.incident')).toEqual([{ alert_id: 'still-open' }]);
});

test('no word of the patient reaches a provider', async () => {
  const { publish, accepted, providers } = await start();
  providers.faults.set('pagerduty', { kind: 'fail', status: 500 }, 2);
  providers.faults.set('slack', { kind: 'fail', status: 500 }, 2);

  await publish({
    room: 'ROOM-SEEDED',
    patientToken: 'TOKEN-SEEDED',
    alertId: 'ALERT-SEEDED',
    ward: 'WARD-SEEDED',
    hospital: 'HOSPITAL-SEEDED',
    rule: 'apnoea',
  });
  const list = await accepted((all) => all.some(by('email')) && all.some(by('slack')) && all.some(by('pagerduty')));

  const text = JSON.stringify(list);
  for (const word of ['SEEDED', 'apnoea', 'heart_rate', '101A']) expect(text).not.toContain(word);
});

test('a repeated alert is counted as a duplicate and pages nobody twice', async () => {
  const { publish, accepted, query } = await start();

  await publish({}, {});
  await accepted((list) => list.length >= 1);
  await publish({});
  const [row] = await until(async () => {
    const rows = await query<{ duplicates: number; processed: number }>(
      "SELECT sum((entry->>'duplicate')::int) AS duplicates, sum((entry->>'processed')::int) AS processed FROM engine.ledger_outbox",
    );
    return Number((await query<{ next: number }>('SELECT max(next_offset) AS next FROM engine.sink_offset'))[0]?.next) >= 3 && rows;
  });
  expect(row).toBeDefined();
  expect(actions(await accepted(() => true))).toEqual(['trigger']);
});

test('historic alerts are recorded, never paged, and have no latency', async () => {
  const { publish, query, accepted } = await start();

  await publish({ alertId: 'old', historic: true }, { alertId: 'new' });
  const list = await accepted((all) => all.length >= 1);
  const rows = await query('SELECT alert_id, state FROM alerting.incident ORDER BY alert_id');

  expect(rows).toEqual([
    { alert_id: 'new', state: 'open' },
    { alert_id: 'old', state: 'recorded' },
  ]);
  expect(list).toHaveLength(1);
});

test('a failing primary is retried while the fallback has already been told', async () => {
  const { publish, accepted, providers, query } = await start();
  providers.faults.set('pagerduty', { kind: 'fail', status: 503 }, 2);

  await publish({});
  const list = await accepted((all) => all.some(by('pagerduty')) && all.some(by('slack')));

  expect(list.find(by('slack'))?.message['text']).toBe('Critical patient alert (step 1 of 3)');
  const attempts = await until(async () => {
    const rows = await query<{ outcome: string }>("SELECT outcome FROM alerting.delivery_attempt WHERE channel = 'pagerduty' ORDER BY id");
    return rows.length >= 3 && rows;
  });
  expect(attempts.map(({ outcome }) => outcome)).toEqual(['retry', 'retry', 'accepted']);
});

test('a page whose answer was lost is sent again under the same dedup key', async () => {
  const { publish, accepted, providers } = await start();
  providers.faults.set('pagerduty', { kind: 'deaf' }, 1);

  await publish({});
  const list = await accepted((all) => all.filter(by('pagerduty')).length >= 2);

  expect(new Set(list.filter(by('pagerduty')).map(({ message }) => message['dedup_key'])).size).toBe(1);
});

test('a resolve waits for its trigger, however long that takes', async () => {
  const { publish, accepted, providers } = await start();
  providers.faults.set('pagerduty', { kind: 'down' });

  await publish({});
  await accepted((all) => all.some(by('slack')));
  await publish({ change: 'cleared', clearedAt: Date.now() });
  await accepted((all) => all.filter(by('slack')).length >= 2);
  expect(actions(await accepted(() => true))).toEqual([]);
  providers.faults.heal('pagerduty');

  expect(actions(await accepted((all) => all.filter(by('pagerduty')).length >= 2))).toEqual(['trigger', 'resolve']);
});

test('a resolve does not overtake a trigger that is still under way', async () => {
  const { publish, accepted, providers, query } = await start();
  providers.faults.set('pagerduty', { kind: 'slow', delayMs: 600 }, 1);

  await publish({});
  await until(async () => (await query("SELECT 1 FROM alerting.outbox WHERE state = 'sending'")).length === 1);
  await publish({ change: 'cleared', clearedAt: Date.now() });

  expect(actions(await accepted((all) => all.filter(by('pagerduty')).length >= 2))).toEqual(['trigger', 'resolve']);
});

test('what a provider refuses for good is quarantined, falls back and is told to engineering by another channel', async () => {
  const { publish, accepted, providers, query, told } = await start();
  providers.faults.set('pagerduty', { kind: 'fail', status: 400 }, 1);

  await publish({});
  const list = await accepted((all) => all.filter(by('slack')).length >= 2);

  expect(
    list
      .filter(by('slack'))
      .map(({ message }) => String(message['text']))
      .sort(alphabetically),
  ).toEqual(['Alert delivery trouble at pagerduty', 'Critical patient alert (step 1 of 3)']);
  expect(await query("SELECT state FROM alerting.outbox WHERE channel = 'pagerduty'")).toEqual([{ state: 'quarantined' }]);
  expect(told.map(({ event }) => event)).toContain('quarantined');
  await publish({ change: 'cleared', clearedAt: Date.now() });
  await accepted((all) => all.filter(by('slack')).length >= 3);
  expect(actions(await accepted(() => true))).toEqual([]);
});

test('a breaker opens after five failures, engineering hears of it, and of its end', async () => {
  const { publish, accepted, providers, told, query } = await start();
  providers.faults.set('pagerduty', { kind: 'fail', status: 500 });

  await publish(...Array.from({ length: 6 }, (_, n) => ({ alertId: `alert-${n}` })));
  await until(() => told.some(({ event }) => event === 'breakerOpened'));
  await accepted((all) => all.filter(by('slack')).length >= 7);
  const [trouble] = await query("SELECT rule, about_channel, about_address FROM alerting.incident WHERE kind = 'operational'");
  expect(trouble).toEqual({ rule: 'provider-unreachable', about_channel: 'pagerduty', about_address: 'nurses-key' });

  providers.faults.heal();
  await accepted((all) => all.filter(by('pagerduty')).length >= 6);
  await until(async () => (await query("SELECT state FROM alerting.incident WHERE kind = 'operational'"))[0]?.['state'] === 'resolved');
  expect(told.map(({ event }) => event)).toContain('breakerClosed');
  // What was held back is no attempt: an outage of hours must not fill the table.
  expect(told.some(({ event, facts }) => event === 'attempted' && facts['outcome'] === 'blocked')).toBe(true);
  expect(await query("SELECT 1 FROM alerting.delivery_attempt WHERE outcome = 'blocked'")).toEqual([]);
});

test('a provider that asks to wait is left alone for as long, and the next channel is told', async () => {
  const { publish, accepted, providers, query } = await start({ providers: { pagerDutyPerMinute: 1 } });

  await publish({ alertId: 'first' });
  await accepted((all) => all.length >= 1);
  await publish({ alertId: 'second' }, { alertId: 'third' });
  await accepted((all) => all.filter(by('slack')).length >= 2);

  expect(providers.log.refused.filter(({ channel }) => channel === 'pagerduty').length).toBeLessThanOrEqual(2);
  const [waiting] = await query<{ wait: number }>(
    "SELECT extract(epoch FROM max(not_before) - clock_timestamp())::int AS wait FROM alerting.outbox WHERE state = 'pending'",
  );
  expect(waiting?.wait).toBeGreaterThan(20);
});

test('when no channel takes it, it stands on the page of last resort until one does', async () => {
  const { publish, accepted, providers, adapters, told } = await start();
  for (const channel of ['pagerduty', 'slack', 'email'] as const)
    providers.faults.set(channel, { kind: 'fail', status: channel === 'email' ? 451 : 500 });

  await publish({});
  const [undelivered] = await until(async () => {
    const list = await adapters.book.listUndelivered();
    return list.length > 0 && list;
  });
  expect(undelivered).toMatchObject({ severity: 'critical', step: 0 });
  await until(() => told.some(({ event, facts }) => event === 'undelivered' && facts['count'] === 1));
  providers.faults.heal();
  await accepted((all) => all.length >= 1);
  await until(async () => (await adapters.book.listUndelivered()).length === 0);
});

test('nobody acknowledges: the next team is paged, then the last one again', async () => {
  const { publish, accepted } = await start({ pace: { acknowledgeWithinMs: 150, repeatEveryMs: 300 } });

  await publish({});
  const list = await accepted((all) => all.filter(({ message }) => message['event_action'] === 'trigger').length >= 4);

  const triggers = list.filter(({ message }) => message['event_action'] === 'trigger');
  expect(triggers.map(({ recipient }) => recipient).slice(0, 4)).toEqual(
    ['nurses-key', 'charge-key', 'rapid-key', 'rapid-key'].map(routingKey),
  );
});

test('the first page of an incident goes before further pages of others, and those before what ends pages', async () => {
  const { publish, accepted, query } = await start({ pace: { acknowledgeWithinMs: 150, repeatEveryMs: 300 } });
  await publish({});
  await accepted((all) => all.filter(({ message }) => message['event_action'] === 'trigger').length >= 4);

  const turns = await query<{ turn: string }>(
    `SELECT DISTINCT action || CASE WHEN page = 1 THEN ' first' ELSE ' further' END || ' ' || priority AS turn FROM alerting.outbox ORDER BY turn`,
  );
  expect(turns.map(({ turn }) => turn)).toEqual(['resolve further 2', 'trigger first 0', 'trigger further 1']);
});

test('an acknowledgement holds until its lease ends, then it is paged anew', async () => {
  const { publish, accepted, adapters, loops } = await start({ pace: { leaseMs: 200 } });
  await publish({});
  const [page] = await accepted((all) => all.length >= 1);
  const dedupKey = String(page?.message['dedup_key']);

  expect(await adapters.book.acknowledge(dedupKey)).toBe(true);
  loops.nudge();
  expect(await adapters.book.acknowledge(dedupKey)).toBe(false);
  const list = await accepted((all) => all.length >= 3);
  expect([...actions(list)].map(String).sort(alphabetically)).toEqual(['resolve', 'trigger', 'trigger']);
  expect(await adapters.book.acknowledge('unknown-1')).toBe(false);
  expect(await adapters.book.acknowledge('nonsense')).toBe(false);
});

test('a responder answers in PagerDuty: the signed webhook stops the escalation, an unsigned one does nothing', async () => {
  const { publish, accepted, adapters, loops, changes, query } = await start();
  const server = await startWebhookServer({
    host: '127.0.0.1',
    port: 0,
    handle: (request) =>
      handlePagerDutyWebhook(
        { secrets: testKeys.webhookSecrets, book: adapters.book, events: quietEvents, onChanged: loops.nudge },
        request,
      ),
    onTrouble: (error) => expect(error).toBeUndefined(),
  });
  await publish({});
  const [page] = await accepted((all) => all.length >= 1);
  const answer = (secret: string) =>
    sendPagerDutyWebhook({
      url: `http://127.0.0.1:${server.port}/v1/webhooks/pagerduty`,
      secret,
      eventType: 'incident.acknowledged',
      dedupKey: String(page?.message['dedup_key']),
    });

  expect(await answer('not the secret at all')).toBe(401);
  expect(await query('SELECT state FROM alerting.incident')).toEqual([{ state: 'open' }]);
  expect(await answer(testKeys.webhookSecrets[0] ?? '')).toBe(202);
  expect(await query('SELECT state FROM alerting.incident')).toEqual([{ state: 'acknowledged' }]);
  await until(async () => (await changes()).some(({ change }) => change === 'acknowledged'));
  await server.close();
});

test('after an outage what is over is recorded, and what persists is paged with its age, critical first', async () => {
  const { publish, accepted, query } = await start({ loops: { atOnce: 1 } });
  const receivedAt = Date.now() - 20 * 60_000;

  await publish(
    { alertId: 'over', receivedAt },
    { alertId: 'warning', severity: 'warning', receivedAt },
    { alertId: 'critical', receivedAt },
    { alertId: 'over', change: 'cleared', clearedAt: receivedAt + 1000, receivedAt: receivedAt + 1000 },
  );
  const list = await accepted((all) => all.length >= 2);

  expect(list.map(({ message }) => (message['payload'] as { summary: string }).summary)).toEqual([
    'Critical patient alert (step 1 of 3, raised 20 min ago)',
    'Warning patient alert (step 1 of 3, raised 20 min ago)',
  ]);
  expect(await query("SELECT state FROM alerting.incident WHERE alert_id = 'over'")).toEqual([{ state: 'recorded' }]);
});

test('a backlog that does not end keeps nobody from being paged for longer than a minute', async () => {
  // Nothing is ever fresh enough: the partition never counts as caught up.
  const { publish, query } = await start({ settings: { lateAfterMs: 0 } });
  await publish({ alertId: 'first' });
  await until(async () => (await query("SELECT 1 FROM alerting.incident WHERE held_for = 'catch-up'")).length === 1);
  await query("UPDATE alerting.incident SET opened_at = clock_timestamp() - interval '61 seconds'");

  await publish({ alertId: 'second' });
  await until(async () => (await query("SELECT 1 FROM alerting.incident WHERE alert_id = 'second'")).length === 1);

  const [first] = await query(
    `SELECT state <> 'held' OR next_step_at <= clock_timestamp() AS due FROM alerting.incident WHERE alert_id = 'first'`,
  );
  expect(first).toEqual({ due: true });
});

test('a silence needs a second person and 15 minutes at most; then it holds what is raised', async () => {
  const { publish, query } = await start();
  const silence = (approvedBy: string | null, minutes: number) =>
    query(
      `INSERT INTO alerting.silence (hospital, ward, reason, requested_by, approved_by, ends_at)
       VALUES ('General Hospital', 'ICU', 'monitor test', 'nurse-1', $1, clock_timestamp() + $2 * interval '1 minute')`,
      [approvedBy, minutes],
    );

  await expect(silence('Nurse-1 ', 10)).rejects.toThrow('silence_needs_a_second_person');
  await expect(silence('nurse-2', 16)).rejects.toThrow('silence_lasts_15_minutes_at_most');
  await silence('nurse-2', 14);
  await publish({});
  const [row] = await until(async () => {
    const rows = await query(
      "SELECT state, held_for, next_step_at > clock_timestamp() + interval '13 minutes' AS later FROM alerting.incident",
    );
    return rows.length > 0 && rows;
  });
  expect(row).toEqual({ state: 'held', held_for: 'silence', later: true });
});

test('the auditor sets stranded incidents in motion, reports overdue ones and beats', async () => {
  const beats: number[] = [];
  const { publish, query, told } = await start({ beat: async () => beats.push(1) && 500 });
  await publish({});
  await until(async () => (await query("SELECT 1 FROM alerting.incident_event WHERE change = 'accepted'")).length === 1);

  await query("UPDATE alerting.incident SET next_step_at = NULL WHERE state = 'open'");
  await until(() => told.find(({ event, facts }) => event === 'stranded' && facts['stranded'] === 1));
  await until(async () => (await query('SELECT 1 FROM alerting.incident WHERE next_step_at > clock_timestamp()')).length === 1);
  expect(told.find(({ event }) => event === 'heartbeat')).toBeDefined();
  expect(told.find(({ event }) => event === 'heartbeatUnheard')?.facts).toEqual({ status: 500 });
  expect(beats.length).toBeGreaterThan(0);
});

test('two processes share one outbox without sending anything twice', async () => {
  // Patient: on a busy machine a late answer would be a repeat that is right, and not what is looked for here.
  const patient = { pace: { fallbackAfterMs: 60_000 }, settings: { providerTimeoutMs: 10_000 } };
  const first = await start(patient);
  const { url } = first.providers;
  const settings = { ...patient.settings, pagerDutyUrl: url, slackUrl: url };
  const second = await startHarness({ databaseUrl: database.url, ...patient, settings });

  await first.publish(...Array.from({ length: 40 }, (_, n) => ({ alertId: `shared-${n}` })));
  const list = await first.accepted((all) => all.length >= 40);
  await until(async () => (await first.query("SELECT 1 FROM alerting.outbox WHERE state IN ('pending', 'sending')")).length === 0);

  const keys = list.map(({ message }) => message['dedup_key']);
  expect(new Set(keys).size).toBe(40);
  expect(first.providers.log.accepted).toHaveLength(40);
  await second.close();
});

test('a message whose sender died is sent again when its lease ends', async () => {
  const { publish, accepted, query, loops } = await start({ settings: { providerTimeoutMs: 500 } });
  await publish({});
  await accepted((all) => all.length >= 1);
  await until(async () => (await query("SELECT 1 FROM alerting.outbox WHERE state = 'accepted'")).length === 1);

  await query("UPDATE alerting.outbox SET state = 'sending', not_before = clock_timestamp() - interval '1 second'");
  loops.nudge();
  await accepted((all) => all.length >= 2);
});

test('connections to the database that are cut lose no page', async () => {
  const { publish, accepted, query, loops, troubles } = await start();
  const cut = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()
    AND application_name IN ('alert-router sink', 'alert-router delivery')`;

  for (let n = 0; n < 30; n++) {
    await publish({ alertId: `cut-${n}` });
    if (n % 10 === 5) await query(cut);
  }
  const list = await accepted((all) => new Set(all.map(({ message }) => message['dedup_key'])).size >= 30);

  expect(new Set(actions(list))).toEqual(new Set(['trigger']));
  await until(() => loops.isWell());
  for (const trouble of troubles) expect(trouble).toMatchObject({ kind: expect.stringMatching(/dependency|transient/) });
});

test('a round of the auditor that does not end is noticed', async () => {
  const { loops } = await start({ loops: { auditMs: 20 }, beat: () => new Promise((resolve) => setTimeout(() => resolve(200), 300)) });

  await until(() => !loops.isWell());
  await until(() => loops.isWell());
});
