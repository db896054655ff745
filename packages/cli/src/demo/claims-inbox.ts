import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A file of the inbox, and how many claims somebody put into it. */
export interface InboxFile {
  readonly name: string;
  readonly text: string;
  readonly claims: number;
}

export interface InboxOptions {
  /** Makes the claim ids of this run its own. */
  readonly run: string;
  readonly nowMs: number;
}

const dayMs = 86_400_000;
const isoDay = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
const pad = (number: number, width: number): string => String(number).padStart(width, '0');

interface Service {
  readonly procedure_code: string;
  readonly amount: number;
  readonly units: number;
  readonly place_of_service?: string;
}

const visit: Service = { procedure_code: '99213', amount: 150, units: 1, place_of_service: '11' };
const bloodCount: Service = { procedure_code: '85025', amount: 25.5, units: 1, place_of_service: '11' };
const headScan: Service = { procedure_code: '70450', amount: 480, units: 1, place_of_service: '11' };
const xRay: Service = { procedure_code: '71046', amount: 95, units: 1, place_of_service: '11' };
const form: Service = { procedure_code: '99080', amount: 40, units: 1, place_of_service: '11' };

const totalOf = (services: readonly Service[]): number => services.reduce((sum, { amount, units }) => sum + amount * units * 100, 0) / 100;

/** Claims of the members of `infra/reference`, in the customer's JSON. */
function claimWriter({ run, nowMs }: InboxOptions) {
  let written = 0;
  return (member: number, services: readonly Service[], change: object = {}) => {
    const number = ++written;
    return {
      claim_id: `CLM_${run}_${pad(number, 3)}`,
      patient_id: `PAT_${10_000 + member}`,
      provider_id: 'PROV_001',
      // Another day each time: the same service of the same day would be held for a repeat.
      service_date: isoDay(nowMs - (10 + number) * dayMs),
      diagnosis_codes: ['I10'],
      services,
      total_amount: totalOf(services),
      insurance_info: { policy_number: `POL_${100_000 + member}`, group_number: 'GRP_100', coverage_type: 'PRIMARY' },
      ...change,
    };
  };
}

/** Two files as a practice sends them: one array of what is usual, one claim a line of what is not. */
function jsonFiles(options: InboxOptions): readonly InboxFile[] {
  const write = claimWriter(options);
  const usual = Array.from({ length: 24 }, (_, at) =>
    write(1 + (at % 20), at % 3 === 0 ? [visit, bloodCount] : at % 3 === 1 ? [visit] : [visit, xRay]),
  );
  const first = usual[0] as (typeof usual)[number];
  const second = usual[1] as (typeof usual)[number];
  const odd: readonly object[] = [
    first,
    second,
    // The same id with another amount: nobody pays that without a person.
    { ...first, services: [{ ...visit, amount: 950 }], total_amount: 950 },
    write(2, [visit], { patient_id: 'PAT_NOBODY' }),
    write(3, [visit], { total_amount: 151 }),
    write(4, [visit], { service_date: 'last week' }),
    write(5, [form]),
    write(6, [headScan]),
    write(7, [{ ...visit, units: 3 }]),
    write(8, [visit], { provider_id: 'PROV_BARRED' }),
    write(9, [visit], { service_date: isoDay(options.nowMs - 500 * dayMs) }),
    write(10, [{ ...visit, amount: 60_000 }]),
    { ...write(11, [visit]), claim_id: '' },
    {
      ...write(12, [visit]),
      type: 'replacement',
      original_claim_id: second.claim_id,
      patient_id: second.patient_id,
      insurance_info: second.insurance_info,
      service_date: second.service_date,
      services: [visit, bloodCount],
      total_amount: totalOf([visit, bloodCount]),
    },
    {
      ...(usual[2] as object),
      claim_id: `CLM_${options.run}_VOID`,
      type: 'void',
      original_claim_id: (usual[2] as { claim_id: string }).claim_id,
    },
  ];
  return [
    { name: 'claims_practice.json', text: JSON.stringify(usual, null, 2), claims: usual.length },
    { name: 'claims_various.json', text: odd.map((claim) => JSON.stringify(claim)).join('\n'), claims: odd.length },
  ];
}

const subscribers = [
  'W100000001*STONE*ELLIS*19750409*M',
  'W100000002*BROOK*HOLLIS*19690721*F',
  'W100000003*VALE*ARDEN*19461005*F',
] as const;

/** An interchange of a clearing house; `control` is its ISA13. */
function interchange({ run, nowMs }: InboxOptions, control: number, change: (segments: string[]) => string[]): string {
  const [date, time] = [isoDay(nowMs).replaceAll('-', ''), '0900'];
  const served = (at: number): string => isoDay(nowMs - (5 + at) * dayMs).replaceAll('-', '');
  const members = subscribers.flatMap((subscriber, at) => {
    const [id = '', last = '', firstName = '', born = '', sex = ''] = subscriber.split('*');
    return [
      `HL*${at + 2}*1*22*0`,
      'SBR*P*18*******CI',
      `NM1*IL*1*${last}*${firstName}****MI*${id}`,
      'N3*1 ELM ST',
      'N4*MIAMI*FL*33111',
      `DMG*D8*${born}*${sex}`,
      'NM1*PR*2*VIGIL HEALTH*****PI*VH001',
      `CLM*${run}${control}${at + 1}*175.5***11:B:1*Y*A*Y*Y`,
      'HI*ABK:I10',
      'LX*1',
      'SV1*HC:99213*150*UN*1***1',
      `DTP*472*D8*${served(at)}`,
      'LX*2',
      'SV1*HC:85025*25.5*UN*1***1',
      `DTP*472*D8*${served(at)}`,
    ];
  });
  const set = change([
    'ST*837*0001*005010X222A1',
    `BHT*0019*00*${run}${control}*${date}*${time}*CH`,
    'NM1*41*2*EXAMPLE CLEARING HOUSE*****46*CH001',
    'PER*IC*DESK*TE*3055552222',
    'NM1*40*2*VIGIL HEALTH*****46*VH001',
    'HL*1**20*1',
    'NM1*85*2*EXAMPLE CLINIC*****XX*1234567893',
    'N3*234 SEAWAY ST',
    'N4*MIAMI*FL*331110000',
    'REF*EI*587654321',
    ...members,
  ]);
  const end = [`SE*${set.length + 1}*0001`, 'GE*1*1', `IEA*1*${pad(control, 9)}`];
  const start = [
    `ISA*00*          *00*          *ZZ*CH001          *ZZ*VH001          *${date.slice(2)}*${time}*^*00501*${pad(control, 9)}*0*T*:`,
    `GS*HC*CH001*VH001*${date}*${time}*1*X*005010X222A1`,
  ];
  return `${[...start, ...set, ...end].join('~\n')}~\n`;
}

/** What is in the inbox: usual claims, some of every kind that is not, an interchange, and one whose count does not hold. */
export function inboxFiles(options: InboxOptions): readonly InboxFile[] {
  const whole = interchange(options, 1, (segments) => segments);
  const torn = interchange(options, 2, (segments) => segments).replace(/SE\*\d+/, 'SE*9');
  return [
    ...jsonFiles(options),
    { name: 'clearing-house.837', text: whole, claims: subscribers.length },
    { name: 'clearing-house-torn.837', text: torn, claims: subscribers.length },
  ];
}

/** Puts the files where a batch would find them. */
export function fillInbox(directory: string, files: readonly InboxFile[]): void {
  mkdirSync(directory, { recursive: true });
  for (const { name, text } of files) writeFileSync(join(directory, name), text);
}
