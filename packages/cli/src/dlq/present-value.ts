import { isUtf8 } from 'node:buffer';
import { compileReader, readWireId, wireHeaderBytes, type AvroRecord, type Topic } from '@vigil/contracts';
import { isVigilError } from '@vigil/core';
import type { SchemaRegistry } from '@vigil/kafka';
import { maskValue } from './mask-value.ts';

/** How the value of a quarantined record is shown. */
export type PresentValue = (value: Buffer | null) => Promise<unknown>;

/** What the bytes are, as far as they can be read. */
type Content =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'avro'; readonly value: unknown }
  | { readonly kind: 'json'; readonly value: unknown; readonly text: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'bytes'; readonly what: string };

async function readAvro(bytes: Buffer, id: number, registry: Pick<SchemaRegistry, 'schemaOf'>): Promise<Content> {
  try {
    return { kind: 'avro', value: compileReader(await registry.schemaOf(id))(bytes, wireHeaderBytes) };
  } catch (error) {
    if (isVigilError(error) && error.kind === 'poison') return { kind: 'bytes', what: `Avro that cannot be decoded (${error.code})` };
    throw error;
  }
}

function readText(bytes: Buffer): Content {
  if (!isUtf8(bytes)) return { kind: 'bytes', what: 'neither UTF-8 nor Avro' };
  const text = bytes.toString('utf8');
  try {
    return { kind: 'json', value: JSON.parse(text) as unknown, text };
  } catch {
    return { kind: 'text', text };
  }
}

async function contentOf(value: Buffer | null, registry: Pick<SchemaRegistry, 'schemaOf'>): Promise<Content> {
  if (value === null) return { kind: 'nothing' };
  const id = readWireId(value);
  return id === null ? readText(value) : readAvro(value, id, registry);
}

/** Shows shape and plain measurements; identifiers and whatever a sender typed are masked. */
export const presentMasked =
  (topic: Topic, registry: Pick<SchemaRegistry, 'schemaOf'>): PresentValue =>
  async (value) => {
    const content = await contentOf(value, registry);
    const wording = topic.format === 'json-or-avro' ? 'sender' : 'ours';
    switch (content.kind) {
      case 'nothing':
        return null;
      case 'avro':
      case 'json':
        return maskValue(content.value, topic.schema as unknown as AvroRecord, wording);
      case 'text':
        return `not JSON, ${value?.length ?? 0} bytes`;
      case 'bytes':
        return `${content.what}, ${value?.length ?? 0} bytes`;
    }
  };

const withBase64 = (_key: string, value: unknown): unknown => {
  const { type, data } = (value ?? {}) as { type?: unknown; data?: unknown };
  return type === 'Buffer' && Array.isArray(data) ? { base64: Buffer.from(data as number[]).toString('base64') } : value;
};

/** Shows everything: text as it came, Avro decoded, other bytes as base64. */
export const presentRevealed =
  (registry: Pick<SchemaRegistry, 'schemaOf'>): PresentValue =>
  async (value) => {
    const content = await contentOf(value, registry);
    switch (content.kind) {
      case 'nothing':
        return null;
      case 'avro':
        return JSON.parse(JSON.stringify(content.value, withBase64)) as unknown;
      case 'json':
      case 'text':
        return content.text;
      case 'bytes':
        return { base64: value?.toString('base64') };
    }
  };
