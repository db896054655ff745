import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where killer and victim meet: `armed` names the places of the next death, `struck` those of deaths, `reached` all that were passed. */
export const folderVariable = 'KILLS_DIR';
const folder = process.env[folderVariable] ?? '';
const known = new Set<string>();
const forever = new Int32Array(new SharedArrayBuffer(4));

function isArmed(place: string): boolean {
  try {
    return readFileSync(join(folder, 'armed'), 'utf8').split('\n').includes(place);
  } catch {
    return false;
  }
}

/** This process stands at a place; where it is an armed one, it does not leave it. */
export function reach(place: string): void {
  if (!known.has(place)) {
    known.add(place);
    appendFileSync(join(folder, 'reached'), `${place}\n`);
  }
  if (!isArmed(place)) return;
  appendFileSync(join(folder, 'struck'), `${place}\n`);
  process.kill(process.pid, 'SIGKILL');
  // Nothing more of this program happens, however long the signal takes.
  Atomics.wait(forever, 0, 0);
}
