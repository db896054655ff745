import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endProcess, fetchS3Server, findS3Server, isListening, spawnPart, stackPaths, waitUntilReady, type Progress } from '@vigil/stack';
import { freePort } from './start-sftp-server.ts';

/** An S3 server of this test's own: versitygw over a directory. */
export interface S3Server {
  readonly endpoint: string;
  readonly port: number;
  readonly region: string;
  readonly bucket: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** The directory behind the bucket. */
  readonly directory: string;
  stop(): Promise<void>;
}

const bucket = 'inbox';

/** @throws VigilError MISSING_PROGRAM where the server was not built before, or VIGIL_BUILD_S3=1 asks for it and Go is missing */
export async function startS3Server(progress: Progress = () => {}): Promise<S3Server> {
  const { cache } = stackPaths();
  const program = process.env['VIGIL_BUILD_S3'] === '1' ? await fetchS3Server(cache, progress) : findS3Server(cache);
  const home = mkdtempSync(join(tmpdir(), 'vigil-s3-'));
  const data = join(home, 'data');
  const directory = join(data, bucket);
  const sidecar = join(home, 'sidecar');
  for (const made of [directory, sidecar]) mkdirSync(made, { recursive: true });
  const port = await freePort();
  const [accessKeyId, secretAccessKey] = ['vigil-test', 'vigil-test-secret'];
  const logFile = join(home, 'log');
  const server = await spawnPart({
    name: 'versitygw',
    program,
    args: ['--port', `127.0.0.1:${port}`, '--region', 'us-east-1', 'posix', '--sidecar', sidecar, data],
    env: { ROOT_ACCESS_KEY: accessKeyId, ROOT_SECRET_KEY: secretAccessKey },
    logFile,
  });
  await waitUntilReady({ name: 'versitygw', process: server, logFile, probe: () => isListening('127.0.0.1', port), withinMs: 20_000 });
  return {
    endpoint: `http://127.0.0.1:${port}`,
    port,
    region: 'us-east-1',
    bucket,
    accessKeyId,
    secretAccessKey,
    directory,
    async stop() {
      await endProcess(server);
      rmSync(home, { recursive: true, force: true });
    },
  };
}
