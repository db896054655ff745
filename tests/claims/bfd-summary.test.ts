import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { sharedData } from '@vigil/testing';
import { summariseBfd } from './bfd-summary.ts';

const folder = sharedData('cms-bfd');
const kept = new URL('../../docs/reference/reports/claims-bfd.json', import.meta.url);

(folder === null ? test.skip : test)(
  'the synthetic claims of CMS end as the kept summary tells, each accounted for and balanced',
  async () => {
    const summary = await summariseBfd(folder as string);

    expect(summary.imbalances).toEqual([]);
    // The sample of a prior authorisation is no claim.
    expect(summary.quarantined).toEqual(['MISSING_CLAIM_ID']);
    const ended = ({ outcomes }: (typeof summary.inputs)[number]) => Object.values(outcomes).reduce((sum, count) => sum + count, 0);
    const sum = (of: (input: (typeof summary.inputs)[number]) => number) => summary.inputs.reduce((total, input) => total + of(input), 0);
    expect(sum(ended) + summary.quarantined.length).toBe(sum(({ received }) => received));
    // After a change on purpose: node scripts/claims-bfd.ts
    expect(summary).toEqual(JSON.parse(readFileSync(kept, 'utf8')));
  },
);
