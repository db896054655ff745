import type { ByteReader } from './byte-reader.ts';
import { createByteWriter, type ByteWriter } from './byte-writer.ts';
import { createClusterLink } from './cluster-link.ts';
import { protocolErrorOf, type ClusterOptions } from './kafkajs-internals.ts';
import { callBroker } from './raw-request.ts';

const describeKey = 48;
const alterKey = 49;
/** Match types of DescribeClientQuotas: 2 = every entity of the type that has a name, by KIP-546. */
const anyName = 2;

/** Whom a quota binds: a client id, a principal, or both together. */
export interface QuotaEntity {
  readonly clientId?: string;
  readonly user?: string;
}

/** Values by Kafka's names, for example `producer_byte_rate` in bytes a second and broker. */
export interface ClientQuota extends QuotaEntity {
  readonly values: Readonly<Record<string, number>>;
}

export interface QuotaChange extends QuotaEntity {
  readonly key: string;
  /** Null = removed. */
  readonly value: number | null;
}

export interface QuotaAdmin {
  /** Quotas on client ids, on users, and on both. */
  list(): Promise<readonly ClientQuota[]>;
  /** Sets and removes; what is not named stays as it is. @throws the broker's refusal, by its protocol name */
  alter(changes: readonly QuotaChange[]): Promise<void>;
  close(): Promise<void>;
}

const entityParts = ({ clientId, user }: QuotaEntity): (readonly [type: string, name: string])[] => [
  ...(user === undefined ? [] : [['user', user] as const]),
  ...(clientId === undefined ? [] : [['client-id', clientId] as const]),
];

const float64 = (writer: ByteWriter, value: number): void => {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  writer.bytes(bytes);
};

function alterBody(changes: readonly QuotaChange[]): Buffer {
  const writer = createByteWriter();
  writer.int32(changes.length);
  for (const change of changes) {
    const parts = entityParts(change);
    writer.int32(parts.length);
    for (const [type, name] of parts) {
      writer.string(type);
      writer.string(name);
    }
    writer.int32(1);
    writer.string(change.key);
    float64(writer, change.value ?? 0);
    writer.int8(change.value === null ? 1 : 0);
  }
  writer.int8(0);
  return writer.view();
}

const check = (errorCode: number): void => {
  if (errorCode !== 0) throw protocolErrorOf(errorCode);
};

function readAltered(reader: ByteReader): void {
  reader.int32();
  const errorCodes = reader.array(() => {
    const errorCode = reader.int16();
    reader.string();
    reader.array(() => [reader.string(), reader.string()]);
    return errorCode;
  });
  for (const errorCode of errorCodes) check(errorCode);
}

/** Every quota on an entity of these types, and on no further one. */
function describeBody(types: readonly string[]): Buffer {
  const writer = createByteWriter();
  writer.int32(types.length);
  for (const type of types) {
    writer.string(type);
    writer.int8(anyName);
    writer.string(null);
  }
  writer.int8(1);
  return writer.view();
}

function readDescribed(reader: ByteReader): ClientQuota[] {
  reader.int32();
  check(reader.int16());
  reader.string();
  return reader.array(() => {
    const parts = new Map(reader.array(() => [reader.string() ?? '', reader.string()] as const));
    const values = Object.fromEntries(reader.array(() => [reader.string() ?? '', reader.take(8).readDoubleBE()]));
    const [clientId, user] = [parts.get('client-id'), parts.get('user')];
    return { ...(typeof clientId === 'string' && { clientId }), ...(typeof user === 'string' && { user }), values };
  });
}

/** Client quotas, which kafkajs cannot set: our own requests over its connections. */
export function createQuotaAdmin({ brokers, clientId }: Pick<ClusterOptions, 'brokers' | 'clientId'>): QuotaAdmin {
  const link = createClusterLink({ brokers, clientId, requestTimeoutMs: 15_000, connectionTimeoutMs: 3_000 });
  const call = async <Answer>(request: { apiKey: number; apiName: string; body: Buffer; read: (reader: ByteReader) => Answer }) =>
    callBroker(await link.controller(), { apiVersion: 0, ...request });
  return {
    async list() {
      const answers = [];
      for (const types of [['client-id'], ['user'], ['user', 'client-id']])
        answers.push(await call({ apiKey: describeKey, apiName: 'DescribeClientQuotas', body: describeBody(types), read: readDescribed }));
      return answers.flat();
    },
    alter: (changes) => call({ apiKey: alterKey, apiName: 'AlterClientQuotas', body: alterBody(changes), read: readAltered }),
    close: () => link.close(),
  };
}
