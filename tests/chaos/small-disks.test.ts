import { afterAll, expect, test } from '@jest/globals';
import { brokerDirectory, stackPaths } from '@vigil/stack';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canMount, mountSmallDisks, unmountSmallDisks } from './small-disks.ts';

const paths = stackPaths({ VIGIL_HOME: mkdtempSync(join(tmpdir(), 'vigil-disks-')) });
afterAll(() => rmSync(paths.home, { recursive: true, force: true }));

const mebibyte = Buffer.alloc(2 ** 20);

// Elsewhere chaos refuses F9 and says why.
(canMount() ? test : test.skip)(
  'a disk is full when it is told to, takes more again afterwards, and is gone at the end (root on Linux)',
  async () => {
    const disks = await mountSmallDisks(paths);
    try {
      const disk = disks.broker(2);
      const file = (name: string): string => join(brokerDirectory(paths, 2), name);
      writeFileSync(file('before'), mebibyte);
      disk.fill();
      expect(disk.freeBytes()).toBe(0);
      expect(() => writeFileSync(file('full'), mebibyte)).toThrow(expect.objectContaining({ code: 'ENOSPC' }));
      disk.free();
      writeFileSync(file('after'), mebibyte);
      expect(() => disks.broker(1)).toThrow(RangeError);
    } finally {
      unmountSmallDisks(paths);
    }
    expect(() => rmSync(paths.home, { recursive: true })).not.toThrow();
  },
);
