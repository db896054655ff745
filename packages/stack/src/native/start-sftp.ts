import { mkdirSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { ensureDirectory, type StackPaths } from '../paths.ts';
import { isListening, requireFreePort } from '../ports.ts';
import { spawnPart } from '../spawn-part.ts';
import { waitUntilReady } from '../wait-until-ready.ts';
import { ensureSshServer } from './file-servers.ts';
import { portOf, type PartContext } from './part-context.ts';
import { prepareSftpFiles } from './sftp-files.ts';

/** Where the server keeps its keys and files. */
export const sftpDirectory = ({ home }: Pick<StackPaths, 'home'>): string => join(home, 'sftp');

/** Folders of its files: one of each sender, as sources.yaml names them. */
export const sftpFolders = { claims: 'claims', ehr: 'ehr' } as const;

/** OpenSSH's server for this user alone: it stands in for the servers of submitters and hospitals. */
export const startSftp = async ({ paths, ports, progress, record }: PartContext): Promise<void> => {
  const port = portOf(ports, 'sftp');
  const directory = sftpDirectory(paths);
  const program = await ensureSshServer(progress);
  ensureDirectory(directory);
  await requireFreePort('sftp', port);
  const { configFile, root } = prepareSftpFiles(directory, port);
  for (const folder of Object.values(sftpFolders)) mkdirSync(join(root, folder), { recursive: true });
  const logFile = join(paths.logs, 'sftp.log');
  const process = await spawnPart({ name: 'sftp', program, args: ['-D', '-e', '-f', configFile], logFile });
  record(process, `sftp://${encodeURIComponent(userInfo().username)}@127.0.0.1:${port}${encodeURI(root)}`);
  await waitUntilReady({ name: 'sftp', process, logFile, probe: async () => isListening('127.0.0.1', port) });
};
