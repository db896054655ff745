import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { sftpDirectory, sftpFolders } from './native/start-sftp.ts';
import { readPrivateKey, sftpFiles, sftpHostKey } from './native/sftp-files.ts';
import { ensureDirectory, type StackPaths } from './paths.ts';
import type { StackEnv } from './stack-env.ts';

/** Where files for the sources of the local stack are put down. */
export const sourceFolders = (paths: Pick<StackPaths, 'home'>): Readonly<Record<'claims' | 'ehr' | 'codes', string>> => {
  const { root } = sftpFiles(sftpDirectory(paths));
  return { claims: join(root, sftpFolders.claims), ehr: join(root, sftpFolders.ehr), codes: join(paths.home, 'code-lists') };
};

/**
 * Addresses and credentials of the sources in `workflows/sources.yaml` that the local stack stands in for. What the
 * caller's environment says of a source goes before them.
 */
export const sourceEnvironment = ({ sftpUrl, researchDatabaseUrl }: StackEnv, paths: StackPaths): Record<string, string> => {
  const directory = sftpDirectory(paths);
  const { codes } = sourceFolders(paths);
  ensureDirectory(codes);
  const local = { VIGIL_RESEARCH_DATABASE_URL: researchDatabaseUrl, VIGIL_CODE_LISTS_FOLDER: codes };
  // An SFTP server of somebody else's: whoever named it tells its keys, too.
  if (!existsSync(sftpFiles(directory).privateKeyFile)) return local;
  const [hostKey, privateKey] = [sftpHostKey(directory), readPrivateKey(directory)];
  return {
    ...local,
    VIGIL_CLAIMS_SFTP_URL: `${sftpUrl}/${sftpFolders.claims}`,
    VIGIL_CLAIMS_SFTP_HOST_KEY: hostKey,
    VIGIL_CLAIMS_SFTP_KEY: privateKey,
    VIGIL_EHR_SFTP_URL: `${sftpUrl}/${sftpFolders.ehr}`,
    VIGIL_EHR_SFTP_HOST_KEY: hostKey,
    VIGIL_EHR_SFTP_KEY: privateKey,
  };
};
