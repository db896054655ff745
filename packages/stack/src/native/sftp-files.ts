import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** An SFTP server's own directory: keys, settings, and the files that its clients see. */
export interface SftpFiles {
  readonly configFile: string;
  /** PEM, of OpenSSH's own form. */
  readonly privateKeyFile: string;
  /** Directory that holds what its clients read. */
  readonly root: string;
}

const configOf = (directory: string, port: number): string =>
  [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey "${directory}/host_key"`,
    `AuthorizedKeysFile "${directory}/client_key.pub"`,
    'PidFile none',
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin prohibit-password',
    // Both only cost a client a moment: a reverse look-up of its name, and a hundred of them at once.
    'UseDNS no',
    'MaxStartups 100',
    'Subsystem sftp internal-sftp',
    'ForceCommand internal-sftp',
    'LogLevel VERBOSE',
    '',
  ].join('\n');

const ensureKey = (file: string): void => {
  if (!existsSync(file)) execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file], { stdio: 'ignore' });
};

export const sftpFiles = (directory: string): SftpFiles => ({
  configFile: join(directory, 'config'),
  privateKeyFile: join(directory, 'client_key'),
  root: join(directory, 'files'),
});

/** Makes what `sshd` needs to serve files over SFTP to one key; keys that are there stay. */
export function prepareSftpFiles(directory: string, port: number): SftpFiles {
  const files = sftpFiles(directory);
  mkdirSync(files.root, { recursive: true });
  ensureKey(join(directory, 'host_key'));
  ensureKey(files.privateKeyFile);
  writeFileSync(files.configFile, configOf(directory, port));
  // Where sshd runs as root it wants an empty directory of root's.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  return files;
}

/** `SHA256:…` of the server's key, as clients pin it. */
export const sftpHostKey = (directory: string): string =>
  /SHA256:\S+/.exec(execFileSync('ssh-keygen', ['-l', '-f', join(directory, 'host_key.pub')], { encoding: 'utf8' }))?.[0] ?? '';

export const readPrivateKey = (directory: string): string => readFileSync(sftpFiles(directory).privateKeyFile, 'utf8');
