import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { VigilError } from '@vigil/core';
import { findProgram } from '../find-program.ts';
import type { Progress } from '../progress.ts';
import { runCommand } from '../run-command.ts';
import { ensureProgram } from './ensure-program.ts';
import { fillOnce } from './fetch-programs.ts';

/** Path of `sshd`, for an SFTP server of this user's own; installed as other programs are. */
export const ensureSshServer = (progress: Progress): Promise<string> =>
  ensureProgram(
    {
      program: 'OpenSSH server (sshd)',
      executable: 'sshd',
      debianPackage: 'openssh-server',
      elsewhere: 'apt-get install openssh-server',
      directories: () => ['/usr/sbin', '/usr/local/sbin'],
    },
    progress,
  );

const gatewayVersion = '1.8.0';
const gatewayDirectory = (cache: string): string => join(cache, `versitygw-${gatewayVersion}`);

/**
 * Path of `versitygw` where it was built before.
 *
 * @throws VigilError MISSING_PROGRAM elsewhere: building it costs a small machine minutes of all its cores
 */
export function findS3Server(cache: string): string {
  const program = join(gatewayDirectory(cache), 'versitygw');
  if (existsSync(program)) return program;
  throw new VigilError('MISSING_PROGRAM', {
    detail: 'versitygw is not built on this machine; VIGIL_BUILD_S3=1 builds it, as npm run prove does.',
  });
}

/**
 * Path of `versitygw`, an S3 server over a directory. Its modules are built once, which takes about a minute.
 *
 * @throws VigilError MISSING_PROGRAM where Go is missing
 */
export const fetchS3Server = async (cache: string, progress: Progress): Promise<string> => {
  const directory = await fillOnce(gatewayDirectory(cache), async (draft) => {
    const go = findProgram('go') ?? findProgram('go', ['/usr/local/go/bin']);
    if (go === undefined)
      throw new VigilError('MISSING_PROGRAM', { detail: 'Go is missing. Install it: apt-get install golang, or https://go.dev/dl.' });
    progress(`building versitygw ${gatewayVersion}`);
    await runCommand(go, ['install', `github.com/versity/versitygw/cmd/versitygw@v${gatewayVersion}`], { env: { GOBIN: draft } });
  });
  return join(directory, 'versitygw');
};
