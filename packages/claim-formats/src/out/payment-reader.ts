import type { X12Segment } from './read-segments.ts';
import type { ClaimStatus, ProviderAdjustment, Remittance, RemittanceAdjustment, RemittedClaim, RemittedLine } from './remittance.ts';
import { frequencyCodes, noProcedure } from './write-remittance.ts';
import { wholeIdOf } from './x12-identifier.ts';
import { centsOf, dayOf, thousandthsOf } from './x12-text.ts';

/** A record while it is being read. */
export type Open<Shape> = { -readonly [Field in keyof Shape]: Shape[Field] extends readonly (infer Item)[] ? Item[] : Shape[Field] };

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

/** Reads the segments between ST and SE: one payment with its claims and their services. */
export class PaymentReader {
  readonly payment: Open<Remittance> = {
    traceNumber: '',
    payerId: '',
    payer: { name: '' },
    payee: { id: '', idType: 'local', name: '' },
    paidOn: 0,
    paidCents: 0,
    claims: [],
    providerAdjustments: [],
  };
  readonly #onBadAmount: (segment: string) => void;
  #claim: Open<RemittedClaim> | undefined;
  #line: Open<RemittedLine> | undefined;
  #clp01 = '';
  #wholeId: string[] = [];

  /** @param onBadAmount  told the name of a segment with an amount that is none; it counts as nothing */
  constructor(onBadAmount: (segment: string) => void) {
    this.#onBadAmount = onBadAmount;
  }

  /** A segment that says nothing of people or money is passed over. */
  read(segment: X12Segment): void {
    this.#segments[segment.name]?.(segment);
  }

  #cents(segment: X12Segment, place: number): number {
    const cents = centsOf(segment.at(place));
    if (cents === undefined && segment.at(place) !== '') this.#onBadAmount(segment.name);
    return cents ?? 0;
  }

  readonly #segments: Readonly<Record<string, (segment: X12Segment) => void>> = {
    BPR: (segment) => {
      this.payment.paidCents = this.#cents(segment, 2);
      this.payment.paidOn = dayOf(segment.at(16)) ?? 0;
    },
    TRN: (segment) => {
      this.payment.traceNumber = segment.at(2);
      this.payment.payerId = segment.at(3);
    },
    N1: (segment) => {
      if (segment.at(1) === 'PR') this.payment.payer = { name: segment.at(2) };
      if (segment.at(1) === 'PE') {
        this.payment.payee = { id: segment.at(4), idType: segment.at(3) === 'XX' ? 'npi' : 'local', name: segment.at(2) };
      }
    },
    N3: (segment) => {
      if (this.payment.payee.name === '') this.payment.payer = { ...this.payment.payer, street: segment.at(1) };
    },
    N4: (segment) => {
      if (this.payment.payee.name === '') {
        this.payment.payer = { ...this.payment.payer, city: segment.at(1), state: segment.at(2), zip: segment.at(3) };
      }
    },
    PER: (segment) => {
      if (segment.at(3) === 'TE') this.payment.payer = { ...this.payment.payer, phone: segment.at(4) };
    },
    CLP: (segment) => {
      this.#line = undefined;
      this.#clp01 = segment.at(1);
      this.#wholeId = [];
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
      this.payment.claims.push(this.#claim);
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
    REF: (segment) => {
      if (segment.at(1) === '2U' && this.payment.payee.name === '') this.payment.payerId = segment.at(2);
      if (segment.at(1) === '6R' && this.#line) this.#line.line = Number(segment.at(2));
      if (segment.at(1) === 'F8' && this.#claim && !this.#line) this.#claim.corrects = segment.at(2);
      if (segment.at(1) === 'D9' && this.#claim && !this.#line) {
        this.#wholeId.push(segment.at(2));
        this.#claim.claimId = wholeIdOf(this.#clp01, this.#wholeId) ?? this.#claim.claimId;
      }
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
    PLB: (segment) => {
      for (let place = 3; place < segment.length; place += 2) {
        const [code = '', reference = ''] = segment.parts(place);
        const adjustment: ProviderAdjustment = { code, reference, cents: this.#cents(segment, place + 1) };
        this.payment.providerAdjustments.push(adjustment);
      }
    },
  };
}
