import { createSeededRandom, generate837, type SeededRandom } from '@vigil/testing';
import type { Input } from './claims-chain.ts';

const claim = {
  claim_id: 'CLM_1',
  patient_id: 'PAT_12345',
  provider_id: 'PROV_001',
  service_date: '2026-03-15',
  received_date: '2026-03-20',
  diagnosis_codes: ['I10'],
  services: [
    { procedure_code: '99213', amount: 150.0, units: 1, place_of_service: '11', diagnosis_pointers: [1] },
    { procedure_code: '36415', amount: 10.5, units: 1, modifiers: ['59'] },
  ],
  total_amount: 160.5,
  insurance_info: { policy_number: 'POL_123456', group_number: 'GRP_789', coverage_type: 'PRIMARY' },
};

const strangeValues: readonly unknown[] = [null, '', ' ', 0, -1, 1.5, 1e9, 150.005, '150.00', '1e3', [], {}, true, '2026-13-45', '\u0000', 'x'.repeat(300), [[]], '99999', 'A0', 1e308]; // prettier-ignore

/** Sets one member, somewhere in the claim, to something strange, or leaves it out. */
function distort(value: unknown, random: SeededRandom): unknown {
  if (typeof value !== 'object' || value === null || random.chance(0.25)) return random.pick(strangeValues as [unknown, ...unknown[]]);
  const entries = Object.entries(value);
  if (entries.length === 0) return value;
  const chosen = Math.floor(random.next() * entries.length);
  const changed = entries.flatMap(([name, member], at) => {
    if (at !== chosen) return [[name, member]];
    return random.chance(0.15) ? [] : [[name, distort(member, random)]];
  });
  return Array.isArray(value) ? changed.map(([, member]) => member) : Object.fromEntries(changed);
}

/** One claim in the customer's JSON, at one or two places not as it should be. */
export function mutatedJsonClaim(random: SeededRandom, number: number): string {
  const member = 1 + Math.floor(random.next() * 20);
  const day = String(1 + Math.floor(random.next() * 28)).padStart(2, '0');
  const own = {
    ...claim,
    claim_id: `CLM_${number}`,
    // The members of infra/reference: another day and person each time, or most would be suspected repeats.
    patient_id: `PAT_${10_000 + member}`,
    insurance_info: { ...claim.insurance_info, policy_number: `POL_${100_000 + member}` },
    service_date: `2026-0${1 + Math.floor(random.next() * 3)}-${day}`,
  };
  const once = distort(own, random);
  return JSON.stringify(random.chance(0.3) ? distort(once, random) : once);
}

/** Flips, doubles, drops or cuts bytes of an interchange. */
function damage(bytes: Buffer, random: SeededRandom): Buffer {
  const at = Math.floor(random.next() * bytes.length);
  const span = 1 + Math.floor(random.next() * 40);
  const kind = Math.floor(random.next() * 5);
  if (kind === 0) return Buffer.concat([bytes.subarray(0, at), Buffer.of(Math.floor(random.next() * 256)), bytes.subarray(at + 1)]);
  if (kind === 1) return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + span)]);
  if (kind === 2) return Buffer.concat([bytes.subarray(0, at + span), bytes.subarray(at)]);
  if (kind === 3) return bytes.subarray(0, at);
  const segments = bytes.toString('latin1').split('~');
  const [from, to] = [Math.floor(random.next() * segments.length), Math.floor(random.next() * segments.length)];
  [segments[from], segments[to]] = [segments[to] as string, segments[from] as string];
  return Buffer.from(segments.join('~'), 'latin1');
}

/** Inputs of which every second one is an interchange of a few claims, the others files of single claims. */
export function* mutatedInputs(seed: number, count: number): Generator<Input & { readonly claims: number }> {
  const random = createSeededRandom(seed);
  for (let made = 0, file = 0; made < count; file++) {
    const claims = 1 + Math.floor(random.next() * 4);
    if (file % 2 === 0) {
      const text = Array.from({ length: claims }, (_, at) => mutatedJsonClaim(random, made + at)).join('\n');
      yield { name: `claims_${file}.json`, bytes: Buffer.from(text), claims };
    } else {
      const whole = Buffer.concat([...generate837({ seed: seed + file, claims, lineBreak: '', interchangeControl: file + 1 })]);
      yield { name: `claims_${file}.837`, bytes: random.chance(0.9) ? damage(whole, random) : whole, claims };
    }
    made += claims;
  }
}
