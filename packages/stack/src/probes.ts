import { connect } from 'node:net';

const exchange = async (port: number, request: Buffer, isComplete: (answer: Buffer) => boolean): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: 1_000 });
    let answer: Buffer = Buffer.alloc(0);
    const finish = (settle: () => void) => {
      socket.destroy();
      settle();
    };
    socket.once('connect', () => socket.write(request));
    socket.on('data', (chunk: Buffer) => {
      answer = Buffer.concat([answer, chunk]);
      if (isComplete(answer)) finish(() => resolve(answer));
    });
    socket.once('error', (error) => finish(() => reject(error)));
    socket.once('timeout', () => finish(() => reject(new Error('no answer'))));
    socket.once('close', () => finish(() => reject(new Error('closed'))));
  });

/** Metadata request, version 1, for no topic: header (API key 3, version, correlation id, client id) and an empty array. */
const metadataRequest = (): Buffer => {
  const client = Buffer.from('vigil-stack');
  const body = Buffer.alloc(2 + 2 + 4 + 2 + client.length + 4);
  body.writeInt16BE(3, 0);
  body.writeInt16BE(1, 2);
  body.writeInt16BE(client.length, 8);
  client.copy(body, 10);
  const size = Buffer.alloc(4);
  size.writeInt32BE(body.length);
  return Buffer.concat([size, body]);
};

/** Whether the broker answers and knows itself to be in service: an open port comes seconds before. */
export const kafkaAnswers = async (port: number): Promise<boolean> => {
  const answer = await exchange(port, metadataRequest(), (bytes) => bytes.length >= 4 && bytes.length >= 4 + bytes.readInt32BE(0));
  const brokers = answer.readInt32BE(8);
  return brokers > 0;
};

export const redisAnswers = async (port: number): Promise<boolean> =>
  (await exchange(port, Buffer.from('PING\r\n'), (bytes) => bytes.includes('\r\n'))).toString().startsWith('+PONG');

export const httpAnswers = async (url: string): Promise<boolean> => {
  const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) });
  await answer.arrayBuffer();
  return answer.ok;
};
