import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';

interface LockedPackage {
  readonly version?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}
const script: string = './complete-lock.mjs';
const { missingEntries, platformOf } = (await import(script)) as {
  platformOf: (name: string) => object;
  missingEntries: (packages: Readonly<Record<string, LockedPackage & { dev?: boolean }>>) => Record<string, object>;
};

test('the platform of a package is read from its name', () => {
  expect(platformOf('@swc/core-linux-x64-musl')).toEqual({ os: ['linux'], cpu: ['x64'], libc: ['musl'] });
  expect(platformOf('@swc/core-linux-arm-gnueabihf')).toEqual({ os: ['linux'], cpu: ['arm'], libc: ['glibc'] });
  expect(platformOf('@oxlint-tsgolint/win32-arm64')).toEqual({ os: ['win32'], cpu: ['arm64'] });
  expect(platformOf('pg-cloudflare')).toEqual({ os: [], cpu: [] });
});

test('only platform packages of exact versions that are missing are added', () => {
  const packages = {
    '': {},
    'node_modules/a': {
      dev: true,
      optionalDependencies: { 'a-darwin-arm64': '1.2.3', 'a-linux-x64-gnu': '1.2.3', 'a-win32-x64': '^1.0.0', nothing: '1.0.0' },
    },
    'node_modules/a-linux-x64-gnu': { version: '1.2.3' },
    'node_modules/b': { optionalDependencies: { 'b-linux-x64': '1.0.0' } },
    'node_modules/b/node_modules/b-linux-x64': { version: '1.0.0' },
  };
  expect(missingEntries(packages)).toEqual({
    'node_modules/a-darwin-arm64': { version: '1.2.3', os: ['darwin'], cpu: ['arm64'], dev: true, optional: true },
  });
});

test('our lock file lacks none: npm ci would refuse it', () => {
  const { packages } = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8')) as {
    packages: Record<string, LockedPackage>;
  };
  expect(missingEntries(packages)).toEqual({});
});
