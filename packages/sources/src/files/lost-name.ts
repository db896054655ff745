/** What a decoder puts where bytes are not UTF-8. */
const replacement = '\ufffd';

/** Whether a name may not be the one that the source knows: only asking the source for it tells. */
export const mayBeLost = (name: string): boolean => name.includes(replacement);
