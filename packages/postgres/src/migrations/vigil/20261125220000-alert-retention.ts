import type { Knex } from 'knex';

/** What is over for long is deleted, in small steps: the rights for it, and the indexes without which each step would read whole tables. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE INDEX incident_over ON alerting.incident (changed_at) WHERE state IN ('recorded', 'resolved');
    CREATE INDEX outbox_episode ON alerting.outbox (episode);
    CREATE INDEX delivery_attempt_outbox ON alerting.delivery_attempt (outbox_id);
    GRANT DELETE ON alerting.incident, alerting.incident_event, alerting.outbox, alerting.delivery_attempt TO vigil_alert_router;`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    REVOKE DELETE ON alerting.incident, alerting.incident_event, alerting.outbox, alerting.delivery_attempt FROM vigil_alert_router;
    DROP INDEX alerting.incident_over, alerting.outbox_episode, alerting.delivery_attempt_outbox;`);
}
