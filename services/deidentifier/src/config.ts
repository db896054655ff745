import { fileURLToPath } from 'node:url';
import { defineSettings, instant, integer, keySettings, oneOf, path, serviceSettings, setting } from '@vigil/runtime';

/** The union of the census lists: see the file itself for its sources. */
export const defaultZip3File = fileURLToPath(new URL('../config/restricted-zip3.v1.json', import.meta.url));

/** Kinds, makers and model families of monitors on the market. */
export const defaultDeviceWordsFile = fileURLToPath(new URL('../config/device-words.v1.json', import.meta.url));

export const settings = defineSettings(
  'deidentifier',
  {
    ...serviceSettings,
    ...keySettings,
    mode: setting({
      env: 'VIGIL_DEIDENTIFIER_MODE',
      schema: oneOf(['safe-harbor', 'date-shift']).default('safe-harbor'),
      doc: 'how time leaves: since a secret anchor into deid.* (Safe Harbor), or as dates moved per patient into shifted.* (not Safe Harbor).',
    }),
    dualKeyUntil: setting({
      env: 'VIGIL_DEIDENTIFIER_DUAL_KEY_UNTIL',
      schema: instant().optional(),
      doc: 'while the dataset key is rotated: records that arrived before this time are written under the previous key too.',
    }),
    zip3File: setting({
      env: 'VIGIL_DEIDENTIFIER_ZIP3_FILE',
      schema: path().optional(),
      doc: 'JSON file of the three-digit ZIP areas with 20,000 or fewer people; without it the list of this service (2000 and 2010 census).',
    }),
    deviceWordsFile: setting({
      env: 'VIGIL_DEIDENTIFIER_DEVICE_WORDS_FILE',
      schema: path().optional(),
      doc: 'JSON file of the words that names of devices are made of; a class or model with another word is withheld. Without it the list of this service.',
    }),
    cachedPatients: setting({
      env: 'VIGIL_DEIDENTIFIER_CACHED_PATIENTS',
      schema: integer({ min: 1, max: 10_000_000 }).default(100_000),
      doc: 'patients whose keyed values are remembered; others are computed again for each record.',
    }),
  },
  [
    {
      settings: ['mode', 'dualKeyUntil'],
      holds: ({ mode, dualKeyUntil }) => mode === 'safe-harbor' || dualKeyUntil === undefined,
      problem: 'contradict each other: shifted dates are made under one key only',
      action: 'Remove VIGIL_DEIDENTIFIER_DUAL_KEY_UNTIL.',
    },
  ],
);
