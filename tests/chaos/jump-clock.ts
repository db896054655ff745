/**
 * Loaded into a service before it: its wall clock is wrong by as much as a file says, which may change at any time. The
 * steady clock and timers go on, as when somebody sets the clock of a machine.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { clockOf, serviceOf, type ClockOffsets } from './clocks.ts';

const file = process.env['VIGIL_CHAOS_CLOCK'] ?? '';
const service = serviceOf(process.argv[1] ?? '');
const lookEveryMs = 100;
const realNow = Date.now.bind(Date);
let offsetMs = 0;

const present = (): number => realNow() + offsetMs;
Date.now = present;
globalThis.Date = new Proxy(Date, {
  construct: (target, args: unknown[], made) => Reflect.construct(target, args.length === 0 ? [present()] : args, made) as Date,
});

function look(): void {
  const offsets = JSON.parse(readFileSync(file, 'utf8')) as ClockOffsets;
  const wanted = offsets[service] ?? 0;
  if (wanted === offsetMs) return;
  offsetMs = wanted;
  // Asked of the clock itself, as the service would.
  writeFileSync(clockOf(file, service, process.pid), String(new Date().getTime() - realNow()));
}

look();
setInterval(look, lookEveryMs).unref();
