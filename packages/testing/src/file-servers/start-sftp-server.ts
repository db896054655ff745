import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { endProcess, ensureSshServer, isListening, spawnPart, waitUntilReady, type Progress } from '@vigil/stack';
import { execFileSync } from 'node:child_process';

/** An SFTP server of this test's own: Debian's sshd on a loopback port, files in a directory of its own. */
export interface SftpServer {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** PEM, of OpenSSH's own form. */
  readonly privateKey: string;
  /** `SHA256:…` */
  readonly hostKey: string;
  /** Directory that its clients see as `root`; the test puts files here. */
  readonly root: string;
  stop(): Promise<void>;
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

const configOf = (directory: string, port: number): string =>
  [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${directory}/host_key`,
    `AuthorizedKeysFile ${directory}/client_key.pub`,
    'PidFile none',
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin prohibit-password',
    'Subsystem sftp internal-sftp',
    'ForceCommand internal-sftp',
    'LogLevel VERBOSE',
  ].join('\n');

const makeKey = (file: string): void => void execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file], { stdio: 'ignore' });

const fingerprintOf = (file: string): string =>
  /SHA256:\S+/.exec(execFileSync('ssh-keygen', ['-l', '-f', file], { encoding: 'utf8' }))?.[0] ?? '';

/** @throws VigilError MISSING_PROGRAM where sshd cannot be had */
export async function startSftpServer(progress: Progress = () => {}): Promise<SftpServer> {
  const program = await ensureSshServer(progress);
  const directory = mkdtempSync(join(tmpdir(), 'vigil-sftp-'));
  const root = join(directory, 'files');
  mkdirSync(root);
  makeKey(join(directory, 'host_key'));
  makeKey(join(directory, 'client_key'));
  const port = await freePort();
  writeFileSync(join(directory, 'config'), configOf(directory, port));
  // Where sshd runs as root it wants an empty directory of root's.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const logFile = join(directory, 'log');
  const server = await spawnPart({ name: 'sshd', program, args: ['-D', '-e', '-f', join(directory, 'config')], logFile });
  await waitUntilReady({ name: 'sshd', process: server, logFile, probe: () => isListening('127.0.0.1', port), withinMs: 20_000 });
  return {
    host: '127.0.0.1',
    port,
    user: userInfo().username,
    privateKey: readFileSync(join(directory, 'client_key'), 'utf8'),
    hostKey: fingerprintOf(join(directory, 'host_key.pub')),
    root,
    async stop() {
      await endProcess(server);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
