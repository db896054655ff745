import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import {
  endProcess,
  ensureSshServer,
  isListening,
  prepareSftpFiles,
  readPrivateKey,
  sftpHostKey,
  spawnPart,
  waitUntilReady,
  type Progress,
} from '@vigil/stack';

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

/** @throws VigilError MISSING_PROGRAM where sshd cannot be had */
export async function startSftpServer(progress: Progress = () => {}): Promise<SftpServer> {
  const program = await ensureSshServer(progress);
  const directory = mkdtempSync(join(tmpdir(), 'vigil-sftp-'));
  const port = await freePort();
  const { configFile, root } = prepareSftpFiles(directory, port);
  const logFile = join(directory, 'log');
  const server = await spawnPart({ name: 'sshd', program, args: ['-D', '-e', '-f', configFile], logFile });
  await waitUntilReady({ name: 'sshd', process: server, logFile, probe: () => isListening('127.0.0.1', port), withinMs: 20_000 });
  return {
    host: '127.0.0.1',
    port,
    user: userInfo().username,
    privateKey: readPrivateKey(directory),
    hostKey: sftpHostKey(directory),
    root,
    async stop() {
      await endProcess(server);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
