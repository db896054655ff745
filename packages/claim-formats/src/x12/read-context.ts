import type { ParsedClaim, ParsedPerson } from '../parsed-claim.ts';
import { parseX12Day } from '../read/calendar-day.ts';
import { isPrintable } from '../read/claim-read.ts';
import { isaWindowBytes, readIsa, type Delimiters } from './isa.ts';
import { takersOf, type Segment, type SegmentWalk } from './segments-of.ts';

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
  /** Identifiers that are left out, since they hold a control character: the segments that they stand in. */
  readonly unusable: readonly string[];
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

// Maps: an object also has words that nobody wrote into it, `constructor` for one.
const coverages: ReadonlyMap<string, ParsedClaim['coverageType']> = new Map([
  ['S', 'secondary'],
  ['T', 'tertiary'],
]);
const sexes: ReadonlyMap<string, ParsedPerson['sex']> = new Map([
  ['F', 'female'],
  ['M', 'male'],
]);
/** SBR02 and PAT01. */
const relationships: ReadonlyMap<string, ParsedClaim['relationship']> = new Map([
  ['18', 'self'],
  ['01', 'spouse'],
  ['19', 'child'],
]);

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
  sex: sexes.get(sex) ?? 'unknown',
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
  /** What was known where the subscriber's HL began, and where that was; -1 = it did not yet. */
  head: Pick<Head, 'name' | 'npi' | 'localProviderId'>;
  headEnd: number;
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

/** Where the subscriber begins, and what the billing provider's loop told until there. */
interface Head {
  readonly bytes: Buffer;
  readonly delimiters: Delimiters;
  readonly name: string;
  readonly npi: string;
  readonly localProviderId: string;
}

function takeLevel(reading: Reading, segment: Segment): void {
  const level = segment.at(3);
  if (level === '22' && reading.headEnd < 0) {
    reading.headEnd = segment.from;
    const { name, npi, localProviderId } = reading;
    reading.head = { name, npi, localProviderId };
  }
  reading.name = '';
  if (level === '23') reading.patient = aPerson();
}

const takers = takersOf<Reading>({
  HL: takeLevel,
  NM1: takeName,
  SBR: takeSubscriber,
  REF: takeReference,
  PAT: (reading, segment) => {
    if (reading.patient) reading.patientRelationship = segment.at(1);
  },
  N3: (reading, segment) => {
    const person = personAt(reading);
    if (person) person.address = segment.at(1);
  },
  N4: (reading, segment) => {
    const person = personAt(reading);
    if (person) person.zip = segment.at(3);
  },
  DMG: (reading, segment) => {
    const person = personAt(reading);
    if (!person) return;
    person.birth = segment.at(2);
    person.sex = segment.at(3);
  },
});

const aReading = (known: Pick<Head, 'name' | 'npi' | 'localProviderId'>): Reading => ({
  ...known,
  payerId: '',
  group: '',
  sequence: '',
  patientRelationship: '',
  subscriber: aPerson(),
  patient: null,
  head: known,
  headEnd: -1,
});

function contextOf(reading: Reading, delimiters: Delimiters): X12Context {
  const { npi, patient, sequence } = reading;
  const unusable: string[] = [];
  const clean = (text: string, field: string): string => {
    if (isPrintable(text)) return text;
    unusable.push(field);
    return '';
  };
  const subscriber = { ...reading.subscriber, id: clean(reading.subscriber.id, 'NM1*IL') };
  const holder = personOf(subscriber);
  return {
    delimiters,
    providerId: clean(npi === '' ? reading.localProviderId : npi, 'NM1*85'),
    providerIdType: npi === '' ? 'local' : 'npi',
    payerId: clean(reading.payerId, 'NM1*PR'),
    policyNumber: subscriber.id,
    groupNumber: clean(reading.group, 'SBR'),
    coverageType: coverages.get(sequence) ?? 'primary',
    subscriber: holder,
    patient: patient ? { ...personOf(patient), id: clean(dependentId(patient, subscriber.id), 'NM1*QC') } : holder,
    unusable,
    relationship: patient ? (relationships.get(reading.patientRelationship) ?? 'other') : 'self',
  };
}

/** Reads the loops around claims; what subscribers of one provider share, envelope and provider, is read once. */
export function createContextReader(walk: SegmentWalk): (context: Buffer) => X12Context | null {
  let head: Head | null = null;

  const readWhole = (context: Buffer): X12Context | null => {
    const isa = readIsa(context.subarray(0, isaWindowBytes));
    if (isa === null || context.toString('latin1', 0, 3) !== 'ISA') return null;
    const { delimiters } = isa;
    const state = aReading({ name: '', npi: '', localProviderId: '' });
    walk(context.subarray(isa.bytes), delimiters, { takers, state });
    head = state.headEnd < 0 ? null : { ...state.head, delimiters, bytes: context.subarray(0, isa.bytes + state.headEnd) };
    return contextOf(state, delimiters);
  };
  return (context) => {
    const known = head;
    if (known === null || !known.bytes.equals(context.subarray(0, known.bytes.length))) return readWhole(context);
    const { name, npi, localProviderId, delimiters } = known;
    const state = aReading({ name, npi, localProviderId });
    walk(context.subarray(known.bytes.length), delimiters, { takers, state });
    return contextOf(state, delimiters);
  };
}
