import type { ParsedClaim, ParsedPerson } from '../parsed-claim.ts';
import { parseX12Day } from '../read/calendar-day.ts';
import { isaWindowBytes, readIsa, type Delimiters } from './isa.ts';
import { eachSegment, wantedSegments, type Segment } from './segments-of.ts';

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
  level: string;
  name: string;
  npi: string;
  localProviderId: string;
  payerId: string;
  group: string;
  sequence: string;
  subscriberRelationship: string;
  patientRelationship: string;
  subscriber: Person;
  patient: Person | null;
}

function takeName(reading: Reading, segment: Segment): void {
  const [, code = '', , lastName = '', firstName = '', , , , idType = '', id = ''] = segment;
  reading.name = code;
  if (code === '85' && idType === 'XX') reading.npi = id;
  if (code === 'PR') reading.payerId = id;
  const person = code === 'IL' ? reading.subscriber : code === 'QC' ? reading.patient : null;
  if (person) Object.assign(person, { lastName, firstName, id });
}

function takeDetail(reading: Reading, segment: Segment): void {
  const [kind, first = '', second = '', third = ''] = segment;
  const person = reading.name === 'IL' ? reading.subscriber : reading.name === 'QC' ? reading.patient : null;
  if (kind === 'REF' && reading.name === '85' && reading.localProviderId === '') reading.localProviderId = second;
  if (!person) return;
  if (kind === 'N3') person.address = first;
  else if (kind === 'N4') person.zip = third;
  else if (kind === 'DMG') [person.birth, person.sex] = [second, third];
  else if (kind === 'REF' && (first === '1W' || first === 'SY')) person.ownId = second;
}

function takeLevel(reading: Reading, level: string): void {
  Object.assign(reading, { level, name: '' });
  if (level === '23') reading.patient = aPerson();
}

function take(reading: Reading, segment: Segment): void {
  const [kind] = segment;
  if (kind === 'HL') takeLevel(reading, segment[3] ?? '');
  else if (kind === 'NM1') takeName(reading, segment);
  else if (kind === 'SBR')
    Object.assign(reading, { sequence: segment[1] ?? '', subscriberRelationship: segment[2] ?? '', group: segment[3] ?? '' });
  else if (kind === 'PAT') {
    if (reading.level === '23') reading.patientRelationship = segment[1] ?? '';
  } else takeDetail(reading, segment);
}

/** @returns null where it does not begin with an ISA */
export function readContext(context: Buffer): X12Context | null {
  const isa = readIsa(context.subarray(0, isaWindowBytes));
  if (isa === null || context.toString('latin1', 0, 3) !== 'ISA') return null;
  const reading: Reading = {
    level: '',
    name: '',
    npi: '',
    localProviderId: '',
    payerId: '',
    group: '',
    sequence: '',
    subscriberRelationship: '',
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
