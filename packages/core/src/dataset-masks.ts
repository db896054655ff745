import { createHmac, createSecretKey } from 'node:crypto';
import type { NamedKey } from './tokens.ts';

/**
 * `safe-harbor`: no date leaves, only time since a secret anchor (45 CFR 164.514(b)(2)).
 * `date-shift`: calendar dates moved by a secret number of days per patient; NOT Safe Harbor, for limited data sets
 * and expert determination (164.514(e), (b)(1)). Its ids and pseudonyms are unrelated to those of the other mode.
 */
export type DatasetMode = 'safe-harbor' | 'date-shift';

/** What stands for one patient in a dataset. Equal for equal token and key: on every topic and every replay. */
export interface PatientMask {
  readonly pseudonym: string;
  /** Added to an event time: gives `elapsed…Ms`. Only differences of the result mean anything. */
  readonly elapsedOffsetMs: number;
  /** Added to an event time before its year is taken. */
  readonly yearOffsetMs: number;
}

/** The keyed functions of one dataset: without the key nothing of it can be undone or linked to another dataset. */
export interface Dataset {
  readonly maskOf: (patientToken: string) => PatientMask;
  /** @returns 32 hexadecimal digits; equal ids of all topics give equal results, so that they can be joined */
  readonly idOf: (id: string) => string;
}

const dayMs = 86_400_000;

/**
 * The anchor lies up to 2^48 ms (8,900 years) before 1970, uniform to the millisecond. The range is that wide because
 * a value near its edge would betray the time; of a century, one patient in fifty would be known to within a year.
 */
const anchorBits = 48;

/** The year is that of the time moved by one day to half a year, forwards or backwards: so it never flips at a true New Year, in no time zone. */
const leastYearOffsetMs = dayMs;
const mostYearOffsetMs = Math.floor(365.25 * 0.5 * dayMs);

const mostShiftDays = 365;

/** Uniform in [0, 2^48): the first six bytes of an HMAC. */
const uniform = (digest: Buffer): number => digest.readUIntBE(0, anchorBits / 8);

/** Uniform in ± [least, most], never 0. */
function signedOffset(digest: Buffer, least: number, most: number): number {
  const size = least + Math.floor((uniform(digest) / 2 ** anchorBits) * (most - least + 1));
  return digest.readUInt8(anchorBits / 8) & 1 ? size : -size;
}

const pseudonymPrefix: Readonly<Record<DatasetMode, string>> = { 'safe-harbor': '', 'date-shift': 'shifted-' };

/** Every purpose has its own HMAC label, so that no result says anything of another. */
export function createMasks(key: NamedKey, mode: DatasetMode): Dataset {
  const secret = createSecretKey(key.secret);
  const labelled = (purpose: string) => (text: string) => createHmac('sha256', secret).update(`${mode}\0${purpose}\0${text}`);
  const idDigest = labelled('id');
  const bytes = (purpose: string, token: string): Buffer => labelled(purpose)(token).digest();

  const timesOf = (token: string): Omit<PatientMask, 'pseudonym'> => {
    if (mode === 'date-shift') {
      const shiftMs = signedOffset(bytes('shift', token), 1, mostShiftDays) * dayMs;
      return { elapsedOffsetMs: shiftMs, yearOffsetMs: shiftMs };
    }
    return {
      elapsedOffsetMs: uniform(bytes('anchor', token)),
      yearOffsetMs: signedOffset(bytes('year', token), leastYearOffsetMs, mostYearOffsetMs),
    };
  };
  return {
    maskOf: (token) => ({
      pseudonym: `${pseudonymPrefix[mode]}${key.id}.${bytes('pseudonym', token).subarray(0, 16).toString('base64url')}`,
      ...timesOf(token),
    }),
    idOf: (id) => idDigest(id).digest('hex').slice(0, 32),
  };
}
