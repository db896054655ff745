import type { Knex } from 'knex';

/** Claims tell of patients too: less than a registry, and never in its place. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE clinical.patient_identity
      ADD COLUMN source text NOT NULL DEFAULT 'registry',
      ADD COLUMN told integer NOT NULL DEFAULT 0;
    COMMENT ON COLUMN clinical.patient_identity.source IS 'Who told it: registry or claims. A registry replaces claims, never the other way.';
    COMMENT ON COLUMN clinical.patient_identity.told IS 'Of claims: how many fields. The one that tells more stays, of equals the later.';
    GRANT SELECT (source, told) ON clinical.patient_identity TO vigil_loader_operational;`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('ALTER TABLE clinical.patient_identity DROP COLUMN source, DROP COLUMN told');
}
