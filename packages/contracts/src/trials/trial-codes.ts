/** Classes of treatment arms: the text of an arm could say anything, so only these leave de-identification. `arm-a` = told by a letter or digit alone. */
export const armCodes: readonly string[] = [
  'active',
  'control',
  'observation',
  'placebo',
  'sham',
  'standard',
  ...Array.from('abcdefgh123456789', (designator) => `arm-${designator}`),
];

/** How a trial ended for a participant. */
export const completionStatuses = ['completed', 'ongoing', 'withdrawn', 'lost', 'other'] as const;
export type CompletionStatus = (typeof completionStatuses)[number];

/** How a source tells of a row. */
export const rowChanges = ['snapshot', 'insert', 'update', 'delete'] as const;
