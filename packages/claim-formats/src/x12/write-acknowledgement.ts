import type { Finding } from '../split/piece.ts';
import type { Isa } from './isa.ts';

/** A finding of a transaction set, with what IK4 tells beyond it. */
export interface SetFault extends Finding {
  /** Number of the data element; empty = not told. */
  readonly reference: string;
}

export interface AcknowledgedSet {
  readonly control: string;
  readonly version: string;
  /** A taken, E taken with errors, R rejected: IK501. */
  readonly code: 'A' | 'E' | 'R';
  readonly faults: readonly SetFault[];
}

export interface AcknowledgedGroup {
  readonly functionalId: string;
  readonly sender: string;
  readonly receiver: string;
  readonly control: string;
  readonly version: string;
  /** Transaction sets: told by GE01, found, taken. */
  readonly included: number;
  readonly found: number;
  readonly taken: number;
  readonly rejected: boolean;
  /** AK905 to AK909. */
  readonly faultCodes: readonly string[];
  /** Those with faults. */
  readonly sets: readonly AcknowledgedSet[];
}

const two = (value: number): string => String(value).padStart(2, '0');

function momentOf(nowMs: number): { readonly date: string; readonly time: string } {
  const now = new Date(nowMs);
  const date = `${now.getUTCFullYear()}${two(now.getUTCMonth() + 1)}${two(now.getUTCDate())}`;
  return { date, time: two(now.getUTCHours()) + two(now.getUTCMinutes()) };
}

const fixed = (text: string, width: number): string => text.slice(0, width).padEnd(width);

/** An envelope back to the sender; its control number is that of what it answers, so that the same input gives the same bytes. */
function envelope({ elements, delimiters }: Isa, nowMs: number, segments: readonly string[]): Buffer {
  const at = (position: number): string => elements[position - 1] ?? '';
  const { date, time } = momentOf(nowMs);
  const control = /^\d{9}$/.test(at(13)) ? at(13) : '000000000';
  const blank = fixed('', 10);
  const head = ['ISA', '00', blank, '00', blank, fixed(at(7), 2), fixed(at(8), 15), fixed(at(5), 2), fixed(at(6), 15)];
  const usage = at(15) === 'P' ? 'P' : 'T';
  const isa = [...head, date.slice(2), time, '^', '00501', control, '0', usage, ':'].join('*');
  const groups = segments.some((segment) => segment.startsWith('GS*')) ? 1 : 0;
  // The acknowledgement uses the usual delimiters: what separates the input may be what is wrong with it.
  void delimiters;
  return Buffer.from([isa, ...segments, `IEA*${groups}*${control}`].map((segment) => `${segment}~\n`).join(''), 'latin1');
}

/** Text of the input may hold our delimiters. */
const safe = (text: string): string => text.replaceAll(/[*~:^\r\n]/g, ' ').trim();

/** The TA1 of an interchange that is rejected. @param note  TA105 */
export function writeTa1(isa: Isa, note: string, nowMs: number): Buffer {
  const at = (position: number): string => safe(isa.elements[position - 1] ?? '');
  return envelope(isa, nowMs, [`TA1*${at(13).padStart(9, '0').slice(0, 9)}*${at(9)}*${at(10)}*R*${note}`]);
}

const ik3 = ({ segmentId, segment }: SetFault, code: string): string => `IK3*${safe(segmentId) || 'ZZZ'}*${segment}**${code}`;

function faultSegments(fault: SetFault): string[] {
  const [, level, code = ''] = fault.code.split('-');
  if (level === 'IK3') return [ik3(fault, code)];
  if (level !== 'IK4') return [];
  const position = fault.component === null ? `${fault.element}` : `${fault.element}:${fault.component}`;
  return [ik3(fault, '8'), `IK4*${position}*${fault.reference}*${code}`];
}

function setSegments({ control, version, code, faults }: AcknowledgedSet): string[] {
  const own = faults.filter((fault) => fault.code.startsWith('999-IK5-')).map((fault) => fault.code.slice('999-IK5-'.length));
  const inSegments = faults.some((fault) => !fault.code.startsWith('999-IK5-'));
  const codes = [...new Set([...(inSegments ? ['5'] : []), ...own])].slice(0, 5);
  const ak2 = version === '' ? `AK2*837*${safe(control)}` : `AK2*837*${safe(control)}*${safe(version)}`;
  return [ak2, ...faults.flatMap(faultSegments), ['IK5', code, ...codes].join('*')];
}

/** AK901: A taken, E taken with errors, P partly, R rejected. */
function groupCode({ rejected, taken, found, sets }: AcknowledgedGroup): string {
  if (rejected || (found > 0 && taken === 0)) return 'R';
  if (taken < found) return 'P';
  return sets.length > 0 ? 'E' : 'A';
}

/** The 999 of a functional group. @see ASC X12 005010X231A1 */
export function write999(isa: Isa, group: AcknowledgedGroup, nowMs: number): Buffer {
  const { date, time } = momentOf(nowMs);
  const control = safe(group.control) || '1';
  const body = [
    `ST*999*0001*005010X231A1`,
    `AK1*${safe(group.functionalId)}*${control}*${safe(group.version)}`,
    ...group.sets.flatMap(setSegments),
    ['AK9', groupCode(group), group.included, group.found, group.rejected ? 0 : group.taken, ...group.faultCodes.slice(0, 5)].join('*'),
  ];
  return envelope(isa, nowMs, [
    `GS*FA*${safe(group.receiver)}*${safe(group.sender)}*${date}*${time}*${control}*X*005010X231A1`,
    ...body,
    `SE*${body.length + 1}*0001`,
    `GE*1*${control}`,
  ]);
}
