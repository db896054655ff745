/** `node scripts/claims-bfd.ts`: renews docs/reference/reports/claims-bfd.json, what becomes of the synthetic claims of CMS. */
import { writeFileSync } from 'node:fs';
import { sharedData } from '@vigil/testing';
import { summariseBfd } from '../tests/claims/bfd-summary.ts';

const folder = sharedData('cms-bfd');
if (folder === null) process.exit(1);
const summary = await summariseBfd(folder);
writeFileSync(new URL('../docs/reference/reports/claims-bfd.json', import.meta.url), `${JSON.stringify(summary, null, 2)}\n`);
for (const { input, received, rejectedClaims, outcomes } of summary.inputs)
  console.log(`${input}: ${received} received, ${rejectedClaims} rejected; ${JSON.stringify(outcomes)}`);
