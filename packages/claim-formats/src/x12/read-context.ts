import type { ParsedClaim, ParsedPerson } from '../parsed-claim.ts';
import { parseX12Day } from '../read/calendar-day.ts';
import { isaWindowBytes, readIsa, type Delimiters } from './isa.ts';
import { codeOf } from './scan-segments.ts';
import { wantedSegments, type EachSegment, type Segment } from './segments-of.ts';

/** What the loops around a claim tell of it. */
export interface X12Context {
  readonly delimiters: Delimiters;
  readonly providerId: string;
  readonly providerIdType: 'npi' | 'local';
  readonly payerId: string;
  readonly policyNumber: string;
  readonly groupNumber: string;
  readonly coverageType: ParsedClaim['coverageType'];
  readonly subscriber: ParsedPerson;
  readonly patient: ParsedPerson;
  readonly relationship: ParsedClaim['relationship'];
  readonly patientIsSubscriber: boolean;
}

interface Person {
  lastName: string;
  firstName: string;
  id: string;
  birth: string;
  sex: string;
  address: string;
  zip: string;
  /** REF*1W or REF*SY of a dependent. */
  ownId: string;
}

const [HL, NM1, N3, N4, DMG, REF, SBR, PAT] = ['HL', 'NM1', 'N3', 'N4', 'DMG', 'REF', 'SBR', 'PAT'].map(codeOf);
const wanted = wantedSegments('HL NM1 N3 N4 DMG REF SBR PAT');
const coverages: Readonly<Record<string, ParsedClaim['coverageType']>> = { S: 'secondary', T: 'tertiary' };
const sexes: Readonly<Record<string, ParsedPerson['sex']>> = { F: 'female', M: 'male' };
/** SBR02 and PAT01. */
const relationships: Readonly<Record<string, ParsedClaim['relationship']>> = { '18': 'self', '01': 'spouse', '19': 'child' };

const aPerson = (): Person => ({ lastName: '', firstName: '', id: '', birth: '', sex: '', address: '', zip: '', ownId: '' });

/** Names may hold more than ASCII: the bytes are UTF-8 where they can be. */
export function textOf(latin1: string): string {
  for (let at = 0; at < latin1.length; at++) {
    if (latin1.charCodeAt(at) < 0x80) continue;
    const utf8 = Buffer.from(latin1, 'latin1').toString('utf8');
    return utf8.includes('\ufffd') ? latin1 : utf8;
  }
  return latin1;
}

const personOf = ({ lastName, firstName, id, birth, sex, address, zip }: Person): ParsedPerson => ({
  id,
  lastName: textOf(lastName),
  firstName: textOf(firstName),
  birthDate: birth === '' ? null : parseX12Day(birth),
  sex: sexes[sex] ?? 'unknown',
  address: textOf(address),
  zip,
});

/** A dependent's own number where one is given; else the member id, birth date and first name, which tell members apart. */
const dependentId = ({ ownId, birth, firstName }: Person, memberId: string): string =>
  ownId === '' ? `${memberId}/${birth}/${firstName.toUpperCase().replaceAll(/[^A-Z]/g, '')}` : ownId;

/** The state while the segments go by. */
interface Reading {
  name: string;
  npi: string;
  localProviderId: string;
  payerId: string;
  group: string;
  sequence: string;
  patientRelationship: string;
  subscriber: Person;
  patient: Person | null;
}

function takeName(reading: Reading, segment: Segment): void {
  const code = segment.at(1);
  reading.name = code;
  if (code === '85') {
    if (segment.at(8) === 'XX') reading.npi = segment.at(9);
  } else if (code === 'PR') reading.payerId = segment.at(9);
  const person = personAt(reading);
  if (!person) return;
  person.lastName = segment.at(3);
  person.firstName = segment.at(4);
  person.id = segment.at(9);
}

const personAt = ({ name, subscriber, patient }: Reading): Person | null => (name === 'IL' ? subscriber : name === 'QC' ? patient : null);

function takeReference(reading: Reading, segment: Segment): void {
  const kind = segment.at(1);
  const person = personAt(reading);
  if (reading.name === '85' && reading.localProviderId === '') reading.localProviderId = segment.at(2);
  else if (person && (kind === '1W' || kind === 'SY')) person.ownId = segment.at(2);
}

function takeSubscriber(reading: Reading, segment: Segment): void {
  reading.sequence = segment.at(1);
  reading.group = segment.at(3);
}

function take(reading: Reading, segment: Segment): void {
  const { code } = segment;
  const person = personAt(reading);
  if (code === HL) {
    reading.name = '';
    if (segment.at(3) === '23') reading.patient = aPerson();
  } else if (code === NM1) takeName(reading, segment);
  else if (code === SBR) takeSubscriber(reading, segment);
  else if (code === REF) takeReference(reading, segment);
  else if (code === PAT) reading.patientRelationship = reading.patient ? segment.at(1) : '';
  else if (person && code === N3) person.address = segment.at(1);
  else if (person && code === N4) person.zip = segment.at(3);
  else if (person && code === DMG) {
    person.birth = segment.at(2);
    person.sex = segment.at(3);
  }
}

/** @returns null where it does not begin with an ISA */
export function readContext(context: Buffer, eachSegment: EachSegment): X12Context | null {
  const isa = readIsa(context.subarray(0, isaWindowBytes));
  if (isa === null || context.toString('latin1', 0, 3) !== 'ISA') return null;
  const reading: Reading = {
    name: '',
    npi: '',
    localProviderId: '',
    payerId: '',
    group: '',
    sequence: '',
    patientRelationship: '',
    subscriber: aPerson(),
    patient: null,
  };
  eachSegment(context.toString('latin1', isa.bytes), isa.delimiters, { wanted, onSegment: (segment) => take(reading, segment) });
  const { npi, subscriber, patient, sequence } = reading;
  const holder = personOf(subscriber);
  return {
    delimiters: isa.delimiters,
    providerId: npi === '' ? reading.localProviderId : npi,
    providerIdType: npi === '' ? 'local' : 'npi',
    payerId: reading.payerId,
    policyNumber: subscriber.id,
    groupNumber: reading.group,
    coverageType: coverages[sequence] ?? 'primary',
    subscriber: holder,
    patient: patient ? { ...personOf(patient), id: dependentId(patient, subscriber.id) } : holder,
    relationship: patient ? (relationships[reading.patientRelationship] ?? 'other') : 'self',
    patientIsSubscriber: patient === null,
  };
}
