import { VigilError } from '@vigil/core';
import { readSegments, type X12Segment } from './read-segments.ts';
import type {
  ClaimStatus,
  ProviderAdjustment,
  Remittance,
  RemittanceAdjustment,
  RemittanceFile,
  RemittedClaim,
  RemittedLine,
} from './remittance.ts';
import { frequencyCodes, noProcedure } from './write-remittance.ts';
import { centsOf, dayOf, thousandthsOf } from './x12-text.ts';

/** What of an envelope, or of an amount, is not as the standard wants it. */
export interface EnvelopeProblem {
  readonly rule: 'bad-amount' | 'segment-count' | 'transaction-count' | 'group-count' | 'control-number' | 'unclosed';
  /** `ST 1`, `GS`, `ISA`: no identifier. */
  readonly where: string;
}

export interface ReadRemittances {
  readonly files: readonly RemittanceFile[];
  readonly problems: readonly EnvelopeProblem[];
}

type Open<Shape> = { -readonly [Field in keyof Shape]: Shape[Field] extends readonly (infer Item)[] ? Item[] : Shape[Field] };

interface OpenFile extends Open<Omit<RemittanceFile, 'remittances'>> {
  remittances: Remittance[];
  groups: number;
  groupControl: string;
  transactions: number;
}

/** 19 to 21 = 1 to 3, passed on to a further payer. */
const statusOf: Readonly<Record<string, ClaimStatus>> = {
  1: 'primary',
  2: 'secondary',
  3: 'tertiary',
  4: 'denied',
  19: 'primary',
  20: 'secondary',
  21: 'tertiary',
  22: 'reversal',
};
const frequencyOf = (code: string): RemittedClaim['frequency'] =>
  (Object.keys(frequencyCodes) as RemittedClaim['frequency'][]).find((name) => frequencyCodes[name] === code) ?? 'original';

/** Reads one transaction set after the other; what stands outside of them belongs to the envelope. */
class RemittanceReader {
  readonly files: OpenFile[] = [];
  readonly problems: EnvelopeProblem[] = [];
  #file: OpenFile | undefined;
  #payment: Open<Remittance> | undefined;
  #claim: Open<RemittedClaim> | undefined;
  #line: Open<RemittedLine> | undefined;
  #control = '';
  #segments = 0;

  read(segment: X12Segment): void {
    this.#segments++;
    const envelope = this.#envelope[segment.name];
    if (envelope) return envelope(segment);
    if (this.#payment) this.#body[segment.name]?.(segment, this.#payment);
  }

  end(): void {
    if (this.#file || this.#payment) this.#problem('unclosed', 'ISA');
  }

  get #where(): string {
    return `ST ${(this.#file?.remittances.length ?? 0) + (this.#payment ? 1 : 0)}`;
  }

  #problem(rule: EnvelopeProblem['rule'], where: string): void {
    this.problems.push({ rule, where });
  }

  #cents(segment: X12Segment, place: number): number {
    const cents = centsOf(segment.at(place));
    if (cents === undefined && segment.at(place) !== '') this.#problem('bad-amount', `${this.#where} / ${segment.name}`);
    return cents ?? 0;
  }

  readonly #envelope: Readonly<Record<string, (segment: X12Segment) => void>> = {
    ISA: (segment) => {
      this.#file = {
        controlNumber: Number(segment.at(13)),
        payerId: segment.at(6).trim(),
        createdAtMs: 0,
        usage: segment.at(15) === 'P' ? 'production' : 'test',
        remittances: [],
        groups: 0,
        groupControl: '',
        transactions: 0,
      };
    },
    GS: (segment) => {
      const file = this.#opened();
      const [date, time] = [segment.at(4), segment.at(5)];
      file.createdAtMs = (dayOf(date) ?? 0) * 86_400_000 + (Number(time.slice(0, 2)) * 60 + Number(time.slice(2, 4))) * 60_000;
      file.groupControl = segment.at(6);
      file.transactions = 0;
    },
    ST: (segment) => {
      if (segment.at(1) !== '835') throw new VigilError('BAD_REMITTANCE', { detail: 'A transaction set is no 835.' });
      this.#opened().transactions++;
      this.#control = segment.at(2);
      this.#segments = 1;
      this.#payment = {
        traceNumber: '',
        payerId: '',
        payer: { name: '' },
        payee: { id: '', idType: 'local', name: '' },
        paidOn: 0,
        paidCents: 0,
        claims: [],
        providerAdjustments: [],
      };
    },
    SE: (segment) => {
      if (Number(segment.at(1)) !== this.#segments) this.#problem('segment-count', this.#where);
      if (segment.at(2) !== this.#control) this.#problem('control-number', this.#where);
      if (this.#payment) this.#opened().remittances.push(this.#payment);
      this.#payment = undefined;
      this.#claim = undefined;
      this.#line = undefined;
    },
    GE: (segment) => {
      const file = this.#opened();
      file.groups++;
      if (Number(segment.at(1)) !== file.transactions) this.#problem('transaction-count', 'GS');
      if (segment.at(2) !== file.groupControl) this.#problem('control-number', 'GS');
    },
    IEA: (segment) => {
      const file = this.#opened();
      if (Number(segment.at(1)) !== file.groups) this.#problem('group-count', 'ISA');
      if (Number(segment.at(2)) !== file.controlNumber) this.#problem('control-number', 'ISA');
      this.files.push(file);
      this.#file = undefined;
    },
  };

  readonly #body: Readonly<Record<string, (segment: X12Segment, payment: Open<Remittance>) => void>> = {
    BPR: (segment, payment) => {
      payment.paidCents = this.#cents(segment, 2);
      payment.paidOn = dayOf(segment.at(16)) ?? 0;
    },
    TRN: (segment, payment) => {
      payment.traceNumber = segment.at(2);
      payment.payerId = segment.at(3);
    },
    N1: (segment, payment) => {
      if (segment.at(1) === 'PR') payment.payer = { name: segment.at(2) };
      if (segment.at(1) === 'PE') {
        payment.payee = { id: segment.at(4), idType: segment.at(3) === 'XX' ? 'npi' : 'local', name: segment.at(2) };
      }
    },
    N3: (segment, payment) => {
      if (payment.payee.name === '') payment.payer = { ...payment.payer, street: segment.at(1) };
    },
    N4: (segment, payment) => {
      if (payment.payee.name === '') {
        payment.payer = { ...payment.payer, city: segment.at(1), state: segment.at(2), zip: segment.at(3) };
      }
    },
    PER: (segment, payment) => {
      if (segment.at(3) === 'TE') payment.payer = { ...payment.payer, phone: segment.at(4) };
    },
    CLP: (segment, payment) => {
      this.#line = undefined;
      this.#claim = {
        claimId: segment.at(1),
        status: statusOf[segment.at(2)] ?? 'primary',
        chargeCents: this.#cents(segment, 3),
        paidCents: this.#cents(segment, 4),
        patientCents: this.#cents(segment, 5),
        payerControl: segment.at(7),
        corrects: null,
        facility: segment.at(8),
        frequency: frequencyOf(segment.at(9)),
        patient: { lastName: '', firstName: '', memberId: '' },
        serviceFrom: null,
        serviceTo: null,
        receivedOn: null,
        allowedCents: null,
        adjustments: [],
        lines: [],
      };
      payment.claims.push(this.#claim);
    },
    SVC: (segment) => {
      const [qualifier = '', code = '', ...modifiers] = segment.parts(1);
      this.#line = {
        line: (this.#claim?.lines.length ?? 0) + 1,
        procedureCode: qualifier === 'HC' ? code : '',
        revenueCode: qualifier === 'NU' ? code : segment.at(4),
        modifiers: segment.parts(1).join(':') === noProcedure || qualifier === 'NU' ? [] : modifiers,
        unitsThousandths: segment.at(5) === '' ? 1000 : (thousandthsOf(segment.at(5)) ?? 0),
        serviceFrom: null,
        chargeCents: this.#cents(segment, 2),
        paidCents: this.#cents(segment, 3),
        allowedCents: null,
        adjustments: [],
        rarc: [],
      };
      this.#claim?.lines.push(this.#line);
    },
    CAS: (segment) => {
      const adjustments: RemittanceAdjustment[] = [];
      for (let place = 2; place < segment.length; place += 3) {
        if (segment.at(place) === '') continue;
        adjustments.push({ group: segment.at(1), carc: segment.at(place), cents: this.#cents(segment, place + 1) });
      }
      (this.#line ?? this.#claim)?.adjustments.push(...adjustments);
    },
    NM1: (segment) => {
      if (segment.at(1) !== 'QC' || !this.#claim) return;
      this.#claim.patient = { lastName: segment.at(3), firstName: segment.at(4), memberId: segment.at(9) };
    },
    REF: (segment, payment) => {
      if (segment.at(1) === '2U' && payment.payee.name === '') payment.payerId = segment.at(2);
      if (segment.at(1) === '6R' && this.#line) this.#line.line = Number(segment.at(2));
      if (segment.at(1) === 'F8' && this.#claim && !this.#line) this.#claim.corrects = segment.at(2);
    },
    DTM: (segment) => {
      const [code, day] = [segment.at(1), dayOf(segment.at(2))];
      // A range of a service (150, 151) counts from its first day.
      if (this.#line && (code === '472' || code === '150')) this.#line.serviceFrom = day;
      if (this.#line || !this.#claim) return;
      if (code === '232') this.#claim.serviceFrom = day;
      if (code === '233') this.#claim.serviceTo = day;
      if (code === '050') this.#claim.receivedOn = day;
    },
    AMT: (segment) => {
      if (segment.at(1) === 'B6' && this.#line) this.#line.allowedCents = this.#cents(segment, 2);
      if (segment.at(1) === 'AU' && this.#claim && !this.#line) this.#claim.allowedCents = this.#cents(segment, 2);
    },
    LQ: (segment) => {
      if (segment.at(1) === 'HE') this.#line?.rarc.push(segment.at(2));
    },
    PLB: (segment, payment) => {
      for (let place = 3; place < segment.length; place += 2) {
        const [code = '', reference = ''] = segment.parts(place);
        const adjustment: ProviderAdjustment = { code, reference, cents: this.#cents(segment, place + 1) };
        payment.providerAdjustments.push(adjustment);
      }
    },
  };

  #opened(): OpenFile {
    if (!this.#file) throw new VigilError('BAD_REMITTANCE', { detail: 'A segment stands outside an interchange.' });
    return this.#file;
  }
}

/**
 * Reads an 835 back: ours, or another payer's. Whether it balances is told by `checkRemittance`, whether its envelope counts
 * right by `problems`.
 *
 * @throws VigilError BAD_REMITTANCE for text that is no 835
 */
export function readRemittance(text: string): ReadRemittances {
  const reader = new RemittanceReader();
  for (const segment of readSegments(text)) reader.read(segment);
  reader.end();
  return {
    files: reader.files.map(({ controlNumber, payerId, createdAtMs, usage, remittances }) => ({
      controlNumber,
      payerId,
      createdAtMs,
      usage,
      remittances,
    })),
    problems: reader.problems,
  };
}
