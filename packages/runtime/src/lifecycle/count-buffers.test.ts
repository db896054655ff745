import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const module = fileURLToPath(new URL('count-buffers.ts', import.meta.url));

/** How often a process with much state marks its heap while a gigabyte of buffers comes and goes, each for a while. */
function markings(prepare: string): number {
  const program = `
    ${prepare}
    const state = Array.from({ length: 1_000_000 }, (_, index) => ({ index }));
    const waiting = [];
    for (let index = 0; index < 20_000; index++) waiting[index % 1_000] = Buffer.allocUnsafeSlow(65_536);
    if (state.length + waiting.length === 0) throw new Error();`;
  const options = ['--trace-gc', '--input-type=module', '--eval', program];
  return execFileSync(process.execPath, options, { encoding: 'utf8' }).split('Mark-Compact').length - 1;
}

test('buffers that come and go do not have all state marked again and again', () => {
  const counted = markings(`(await import(${JSON.stringify(module)})).countBuffers();`);

  expect(counted).toBeLessThan(markings('') / 2);
});
