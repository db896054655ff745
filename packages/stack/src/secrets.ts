import { randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { writeJsonFile } from './state-file.ts';
import type { StackPaths } from './paths.ts';

const key = (id: string) => ({ id, secret: randomBytes(32).toString('base64') });

/** Keys of this stack's data; made once, never replaced: what was sealed could not be opened any more. */
export const ensureSecrets = ({ keysFile, apiKeyFile }: StackPaths): void => {
  if (!existsSync(keysFile)) writeJsonFile(keysFile, { token: key('t1'), dataset: key('p1'), data: key('d1') });
  if (!existsSync(apiKeyFile)) writeFileSync(apiKeyFile, randomBytes(24).toString('base64url'), { mode: 0o600 });
};
