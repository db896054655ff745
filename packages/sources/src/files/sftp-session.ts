import { VigilError, type ErrorCode } from '@vigil/core';
import { Client, type ConnectConfig, type SFTPWrapper } from 'ssh2';
import { usualCallMs, usualConnectMs, type SftpOptions } from './source-options.ts';

/** SFTP connection that is opened when it is needed, and again after it broke. */
export interface SftpSession {
  /**
   * One call of the protocol.
   *
   * @throws VigilError SOURCE_AWAY, SOURCE_DENIED; the server's own refusals with their status as `code`
   */
  call<Result>(work: (sftp: SFTPWrapper, done: (error: Error | null | undefined, result: Result) => void) => void): Promise<Result>;
  close(): void;
}

interface Opened {
  readonly sftp: SFTPWrapper;
  readonly client: Client;
  /** Rejects when the connection breaks. */
  readonly broken: Promise<never>;
}

/** Statuses of the protocol: draft-ietf-secsh-filexfer-02, 7. */
export const sftpStatus = { endOfFile: 1, noSuchFile: 2, permissionDenied: 3 } as const;

const isRefused = (error: unknown): boolean => (error as { level?: unknown } | undefined)?.level === 'client-authentication';

/** `SHA256:…` as ssh-keygen writes it, from the hexadecimal digest that ssh2 gives. */
const fingerprint = (hex: string): string => `SHA256:${Buffer.from(hex, 'hex').toString('base64').replace(/=+$/, '')}`;

function openConnection(options: SftpOptions): Promise<Opened> {
  const { name, host, port, user, credential, hostKey, connectMs = usualConnectMs } = options;
  const client = new Client();
  let isStranger = false;
  const as = (code: ErrorCode, cause?: unknown): VigilError => new VigilError(code, { detail: `Source ${name}.`, cause });
  const config: ConnectConfig = {
    host,
    port,
    username: user,
    ...credential,
    readyTimeout: connectMs,
    keepaliveInterval: 10_000,
    keepaliveCountMax: 3,
    hostHash: 'sha256',
    hostVerifier: (hex: string) => {
      isStranger = fingerprint(hex) !== hostKey;
      return !isStranger;
    },
  };
  return new Promise((resolve, reject) => {
    const broken = new Promise<never>((_resolve, fail) => {
      const onEnd = (cause?: unknown): void => {
        const error = as(isStranger || isRefused(cause) ? 'SOURCE_DENIED' : 'SOURCE_AWAY', cause);
        fail(error);
        reject(error);
      };
      client.on('error', onEnd);
      client.on('close', () => onEnd());
    });
    // Whoever waits for a call hears of it; nobody else has to.
    broken.catch(() => undefined);
    client.on('ready', () =>
      client.sftp((error, sftp) => (error ? reject(as('SOURCE_DENIED', error)) : resolve({ sftp, client, broken }))),
    );
    client.connect(config);
  });
}

export function createSftpSession(options: SftpOptions): SftpSession {
  const { name, callMs = usualCallMs } = options;
  let opening: Promise<Opened> | null = null;
  const connected = async (): Promise<Opened> => {
    opening ??= openConnection(options);
    const mine = opening;
    try {
      const opened = await mine;
      opened.broken.catch(() => {
        if (opening === mine) opening = null;
      });
      return opened;
    } catch (error) {
      if (opening === mine) opening = null;
      throw error;
    }
  };
  return {
    async call(work) {
      const { sftp, client, broken } = await connected();
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_resolve, reject) => {
        timer = setTimeout(() => {
          client.destroy();
          reject(new VigilError('SOURCE_AWAY', { detail: `Source ${name}: no answer for ${callMs} ms.` }));
        }, callMs);
      });
      try {
        const answer = new Promise<Parameters<Parameters<typeof work>[1]>[1]>((resolve, reject) =>
          work(sftp, (error, result) => (error ? reject(error) : resolve(result))),
        );
        return await Promise.race([answer, broken, late]);
      } finally {
        clearTimeout(timer);
      }
    },
    close() {
      opening?.then(({ client }) => client.end()).catch(() => undefined);
      opening = null;
    },
  };
}
