import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { sourcesSchema } from '@vigil/definitions';
import { createReferenceResolver } from '../resolve-reference.ts';
import { fileSourceOptions, isFileSource } from './file-source-options.ts';

const file = { records: 'claims', format: 'json', address: { env: 'ADDRESS' } };
const environment = {
  ADDRESS: '/drop',
  KEY: 'a key',
  ID: 'id',
  SECRET: 's',
  EMPTY: '',
  SFTP: 'sftp://user%40ward@host:2222/in%20box',
  S3: 'https://s3.example',
};
const resolve = createReferenceResolver(environment);
const optionsOf = (given: object) => {
  const definition = sourcesSchema.parse({ sources: { x: given } }).sources['x'];
  if (!definition || !isFileSource(definition)) throw new Error('no source of files');
  return fileSourceOptions('x', definition, resolve);
};

test('a local source is a folder', () => {
  expect(optionsOf({ ...file, kind: 'local' })).toEqual({ kind: 'folder', name: 'x', root: '/drop', archive: 'archive' });
});

test('an SFTP source has host, port, user and root in its address', () => {
  const sftp = { ...file, kind: 'sftp', address: { env: 'SFTP' }, host_key: { env: 'KEY' } };
  const place = {
    kind: 'sftp',
    name: 'x',
    host: 'host',
    port: 2222,
    user: 'user@ward',
    root: '/in box',
    hostKey: 'a key',
    archive: 'archive',
  };
  expect(optionsOf({ ...sftp, credential: { password: { env: 'SECRET' } } })).toEqual({ ...place, credential: { password: 's' } });
  expect(optionsOf({ ...sftp, credential: { private_key: { env: 'KEY' } } })).toEqual({ ...place, credential: { privateKey: 'a key\n' } });
});

test('an S3 source has an endpoint, a bucket and a prefix', () => {
  const s3 = {
    ...file,
    kind: 's3',
    address: { env: 'S3' },
    bucket: { env: 'ID' },
    prefix: 'in/',
    credential: { access_key_id: { env: 'ID' }, secret_access_key: { env: 'SECRET' } },
  };
  expect(optionsOf(s3)).toEqual({
    kind: 's3',
    name: 'x',
    endpoint: 'https://s3.example/',
    region: 'us-east-1',
    bucket: 'id',
    prefix: 'in/',
    accessKeyId: 'id',
    secretAccessKey: 's',
    archive: 'archive',
  });
});

test('what is not set, or is no address, is told by its name and never by its value', () => {
  const badSettings = (detail: string) => expect.objectContaining({ code: 'BAD_SETTINGS', message: expect.stringContaining(detail) });
  expect(() => optionsOf({ ...file, kind: 'local', address: { env: 'UNSET' } })).toThrow(badSettings('UNSET is not set'));
  expect(() => optionsOf({ ...file, kind: 'local', address: { env: 'EMPTY' } })).toThrow(badSettings('EMPTY is not set'));
  expect(() => optionsOf({ ...file, kind: 'local', address: { file: '/nowhere' } })).toThrow(badSettings('/nowhere cannot be read'));
  const sftp = { ...file, kind: 'sftp', host_key: { env: 'KEY' }, credential: { password: { env: 'SECRET' } } };
  expect(() => optionsOf(sftp)).toThrow(badSettings('The address of source x is no URL of sftp:'));
});

test('a mounted secret is read without its last newline', () => {
  const directory = mkdtempSync(join(tmpdir(), 'vigil-secret-'));
  writeFileSync(join(directory, 'address'), '/mnt/drop\n');
  expect(optionsOf({ ...file, kind: 'local', address: { file: join(directory, 'address') } })).toMatchObject({ root: '/mnt/drop' });
  rmSync(directory, { recursive: true });
});
