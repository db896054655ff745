import type { ReadClaim } from '../handlers/handle-received-claim.ts';

// PLACE OF readClaim: `export { readClaim } from '@vigil/claim-formats';` once that package reads claims. Until then
// nothing is taken for a claim: every record goes to quarantine, from where it can be requeued.
export const readClaim: ReadClaim = () => ({ ok: false, code: 'BAD_SHAPE' });
