import { VigilError } from '@vigil/core';
import type { SourceDefinition } from '@vigil/definitions';
import type { ResolveReference } from '../resolve-reference.ts';
import type { FileSourceOptions, S3Options, SftpOptions } from './source-options.ts';

/** Definitions of sources that hold files. */
export type FileSourceDefinition = Extract<SourceDefinition, { kind: 'local' | 'sftp' | 's3' }>;

export const isFileSource = (definition: SourceDefinition): definition is FileSourceDefinition =>
  definition.kind === 'local' || definition.kind === 'sftp' || definition.kind === 's3';

const usualPort = 22;

function parseUrl(name: string, text: string, protocols: readonly string[]): URL {
  const url = URL.parse(text);
  // The text may hold a password: it is not told.
  if (url === null || !protocols.includes(url.protocol))
    throw new VigilError('BAD_SETTINGS', { detail: `The address of source ${name} is no URL of ${protocols.join(' or ')}.` });
  return url;
}

const acknowledgementsOf = ({ acknowledgements }: FileSourceDefinition) => (acknowledgements === undefined ? {} : { acknowledgements });

function sftpOptions(name: string, definition: Extract<FileSourceDefinition, { kind: 'sftp' }>, resolve: ResolveReference): SftpOptions {
  const { address, host_key: hostKey, credential, archive } = definition;
  const url = parseUrl(name, resolve(address), ['sftp:']);
  const { private_key: privateKey, password } = credential;
  return {
    kind: 'sftp',
    name,
    host: url.hostname,
    port: url.port === '' ? usualPort : Number(url.port),
    user: decodeURIComponent(url.username),
    credential: privateKey === undefined ? { password: resolve(password ?? {}) } : { privateKey: `${resolve(privateKey)}\n` },
    hostKey: resolve(hostKey),
    root: decodeURIComponent(url.pathname) || '/',
    archive,
    ...acknowledgementsOf(definition),
  };
}

function s3Options(name: string, definition: Extract<FileSourceDefinition, { kind: 's3' }>, resolve: ResolveReference): S3Options {
  const { address, region, bucket, prefix, credential, archive } = definition;
  return {
    kind: 's3',
    name,
    endpoint: parseUrl(name, resolve(address), ['http:', 'https:']).href,
    region,
    bucket: resolve(bucket),
    prefix,
    accessKeyId: resolve(credential.access_key_id),
    secretAccessKey: resolve(credential.secret_access_key),
    archive,
    ...acknowledgementsOf(definition),
  };
}

/**
 * What a source of `workflows/sources.yaml` says of where its files are.
 *
 * @throws VigilError BAD_SETTINGS where an address or credential is missing or is none
 */
export function fileSourceOptions(name: string, definition: FileSourceDefinition, resolve: ResolveReference): FileSourceOptions {
  switch (definition.kind) {
    case 'local':
      return { kind: 'folder', name, root: resolve(definition.address), archive: definition.archive, ...acknowledgementsOf(definition) };
    case 'sftp':
      return sftpOptions(name, definition, resolve);
    case 's3':
      return s3Options(name, definition, resolve);
  }
}
