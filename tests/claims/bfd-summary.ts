import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { memberTokenOf, patientTokenOf, policyTokenOf, topics, type ClaimAdjudicated } from '@vigil/contracts';
import { imbalancesOf, openClaimsChain, tokenKey, type Input, type Reference } from './claims-chain.ts';

/** Outcomes and reason codes of one input. */
export interface InputSummary {
  readonly input: string;
  readonly received: number;
  readonly rejectedClaims: number;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly pendReasons: Readonly<Record<string, number>>;
  /** Adjusted cents by group and CARC. */
  readonly adjustedCents: Readonly<Record<string, number>>;
  readonly chargeCents: number;
  readonly paidCents: number;
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const dayOf = (text: string): number | null => {
  const [day = '', month = '', year = ''] = text.split('-');
  return year === '' ? null : Date.UTC(Number(year), months.indexOf(month), Number(day)) / 86_400_000;
};

function* rowsOf(file: string): Generator<Readonly<Record<string, string>>> {
  const [header = '', ...lines] = readFileSync(file, 'utf8').replace('\ufeff', '').split(/\r?\n/);
  const names = header.split('|');
  for (const line of lines) if (line !== '') yield Object.fromEntries(line.split('|').map((cell, at) => [names[at] ?? '', cell]));
}

const inForce = { version: 1, effectiveFrom: dayOf('01-Jan-2010') as number, effectiveTo: null };
const planId = 'FFS';
const contractors = ['31143', '16013', 'Z0004', '10312'];

/** A plan like Original Medicare Part B that allows what is charged: the sample has no fee schedule. */
const plan = {
  planId,
  ...inForce,
  payerId: 'MEDICARE',
  // Contractors that Medicare has its claims processed by.
  payerAliases: contractors,
  scheduleIn: 'FFS',
  scheduleOut: 'FFS',
  planYearStartMonth: 1,
  deductibleInCents: 20_300,
  deductibleOutCents: 20_300,
  familyDeductibleInCents: null,
  familyDeductibleOutCents: null,
  outOfPocketInCents: null,
  outOfPocketOutCents: null,
  familyOutOfPocketInCents: null,
  familyOutOfPocketOutCents: null,
  timelyFilingDays: 0,
  benefits: [
    {
      service: '*',
      covered: true,
      deductibleApplies: true,
      coinsuranceInBps: 2_000,
      coinsuranceOutBps: 2_000,
      copayInCents: 0,
      copayOutCents: 0,
      priorAuthorization: false,
      maxVisits: null,
      maxCents: null,
      lifetimeMaxCents: null,
    },
  ],
  settings: { unpriced: 'charge', 'provider.unknown': 'out-of-network', 'duplicate.suspected': 'pay' },
};

function memberOf(id: string, birthDate: number | null, sex: string): Reference {
  const policyToken = policyTokenOf(tokenKey, id);
  const memberToken = memberTokenOf(tokenKey, { policyNumber: id, patientId: id });
  const value = {
    policyToken,
    memberToken,
    version: 1,
    patientToken: patientTokenOf(tokenKey, id),
    subscriberToken: memberToken,
    relationship: 'self',
    nameToken: null,
    birthDate,
    deathDate: null,
    sex,
    coverage: [{ from: inForce.effectiveFrom, to: null, planId, groupNumber: '' }],
    otherPayers: [],
    authorizations: [],
  };
  return { topic: topics.memberChanged, key: `${policyToken}|${memberToken}|1`, value };
}

/** Members as the beneficiary files tell them and whoever the explanations speak of: their coverage files are of other people. */
function referenceOf(rif: string, explanations: readonly string[]): readonly Reference[] {
  const members = new Map<string, Reference>();
  for (const file of globSync('beneficiary_2*.csv', { cwd: rif }).sort())
    for (const { BENE_ID: id = '', BENE_BIRTH_DT: birth = '', BENE_SEX_IDENT_CD: sex } of rowsOf(join(rif, file)))
      members.set(id, memberOf(id, dayOf(birth), sex === '1' ? 'male' : 'female'));
  for (const file of explanations) {
    const { BENE_SK: id } = JSON.parse(readFileSync(file, 'utf8')) as { readonly BENE_SK?: string | number };
    if (id !== undefined) members.set(String(id), memberOf(String(id), null, 'unknown'));
  }
  return [{ topic: topics.planChanged, key: `${planId}|2010-01-01|1`, value: plan }, ...members.values()];
}

/**
 * The carrier file with a code where the sample has none: its CPT codes were taken out for copyright, so that every claim of
 * it is denied for a missing procedure; with a stand-in it reaches the rules behind.
 */
function withStandInCodes(file: string): Input {
  const [header = '', ...lines] = readFileSync(file, 'utf8').split('\n');
  const [code, id] = ['HCPCS_CD', 'CLM_ID'].map((name) => header.split('|').indexOf(name)) as [number, number];
  const filled = lines.map((line) => {
    const cells = line.split('|');
    if (cells.length < 2) return line;
    if ((cells[code] ?? '').trim() === '') cells[code] = '99199';
    // Another claim than the one that was denied.
    cells[id] = `${cells[id]}9`;
    return cells.join('|');
  });
  return { name: 'carrier.csv, stand-in codes', bytes: Buffer.from([header, ...filled].join('\n')) };
}

const fileInput = (file: string): Input => ({ name: basename(file), bytes: readFileSync(file) });

function countInto(counts: Record<string, number>, name: string, by = 1): void {
  counts[name] = (counts[name] ?? 0) + by;
}

const sorted = (counts: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));

function summaryOf(decisions: readonly ClaimAdjudicated[]): Omit<InputSummary, 'input' | 'received' | 'rejectedClaims'> {
  const [outcomes, pendReasons, adjustedCents]: Record<string, number>[] = [{}, {}, {}];
  const last = new Map(decisions.map((decision) => [decision.submissionId, decision]));
  let [chargeCents, paidCents] = [0, 0];
  for (const decision of last.values()) {
    countInto(outcomes as Record<string, number>, decision.outcome);
    chargeCents += decision.chargeCents;
    paidCents += decision.paidCents;
    for (const { code } of decision.pendReasons) countInto(pendReasons as Record<string, number>, code);
    for (const { adjustments } of decision.lines)
      for (const { group, carc, cents } of adjustments) countInto(adjustedCents as Record<string, number>, `${group}-${carc}`, cents);
  }
  return {
    outcomes: sorted(outcomes as Record<string, number>),
    pendReasons: sorted(pendReasons as Record<string, number>),
    adjustedCents: sorted(adjustedCents as Record<string, number>),
    chargeCents,
    paidCents,
  };
}

export interface BfdSummary {
  readonly inputs: readonly InputSummary[];
  readonly imbalances: readonly string[];
  readonly quarantined: readonly string[];
}

/** Sends inputs one after the other through one chain. */
async function summariseInputs(inputs: readonly Input[], reference: readonly Reference[]): Promise<BfdSummary> {
  const chain = await openClaimsChain({ reference, npiFirstDigits: '1289' });
  const summaries: InputSummary[] = [];
  let seen = 0;
  for (const input of inputs) {
    const { received, rejectedClaims } = await chain.send([input]);
    const known = chain.submitted();
    const own = new Set(known.slice(seen).map(({ submissionId }) => submissionId));
    seen = known.length;
    const decisions = chain.decisions().filter(({ submissionId }) => own.has(submissionId));
    summaries.push({ input: input.name, received, rejectedClaims, ...summaryOf(decisions) });
  }
  return { inputs: summaries, imbalances: chain.decisions().flatMap(imbalancesOf), quarantined: chain.quarantined() };
}

/** The synthetic claims of CMS through the whole chain, with what became of them. */
export async function summariseBfd(folder: string): Promise<BfdSummary> {
  const rif = join(folder, 'rif-synthea');
  const samples = join(folder, 'idr-sample-data');
  const explanations = globSync('EOB-*.json', { cwd: samples })
    .sort()
    .map((name) => join(samples, name));
  const reference = referenceOf(rif, explanations);
  const names = ['carrier', 'dme', 'outpatient', 'hha', 'hospice', 'inpatient', 'snf', 'pde'];
  const files = names.map((name) => fileInput(join(rif, `${name}.csv`)));
  const parts = [await summariseInputs([...files, withStandInCodes(join(rif, 'carrier.csv'))], reference)];
  // The explanations share one made-up claim id: each stands for itself.
  for (const file of explanations) parts.push(await summariseInputs([fileInput(file)], reference));
  return {
    inputs: parts.flatMap(({ inputs }) => inputs),
    imbalances: parts.flatMap(({ imbalances }) => imbalances),
    quarantined: parts.flatMap(({ quarantined }) => quarantined),
  };
}
