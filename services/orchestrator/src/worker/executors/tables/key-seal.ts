import { seal, sealContext, sealKeyId, unseal, type NamedKey } from '@vigil/core';
import type { KeySeal } from '@vigil/sources';

/**
 * Seals keys of the rows of one table with the data key. What another key sealed, or another table, does not open.
 *
 * @param onTrouble  told once of a sealed key that does not open though the key is the one it names
 */
export function createKeySeal(key: NamedKey, table: string, onTrouble: (error: unknown) => void): KeySeal {
  const context = sealContext({ subject: 'orchestration.table_row', field: 'sealed_key', owner: table, keyId: key.id });
  let isTold = false;
  return {
    seal: (text) => seal(key, context, Buffer.from(text, 'utf8')).toString('base64url'),
    open(sealed) {
      const bytes = Buffer.from(sealed, 'base64url');
      if (sealKeyId(bytes) !== key.id) return null;
      try {
        return unseal(key, context, bytes).toString('utf8');
      } catch (error) {
        if (!isTold) onTrouble(error);
        isTold = true;
        return null;
      }
    },
  };
}
