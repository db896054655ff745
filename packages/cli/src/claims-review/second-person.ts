import { defineSettings, reviewSettings } from '@vigil/runtime';

const settings = defineSettings('vigil claims review', reviewSettings);

/**
 * Charge above which a second person decides where the plan says nothing, in cents: the setting of the adjudication.
 *
 * @throws BadSettings
 */
export const secondPersonCentsOf = (environment: Readonly<Record<string, string | undefined>>): number =>
  settings.parse(environment).secondPersonAboveCents;
