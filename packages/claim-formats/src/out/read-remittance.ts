import { VigilError } from '@vigil/core';
import { PaymentReader, type Open } from './payment-reader.ts';
import { readSegments, type X12Segment } from './read-segments.ts';
import type { Remittance, RemittanceFile } from './remittance.ts';
import { dayOf } from './x12-text.ts';

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

interface OpenFile extends Open<Omit<RemittanceFile, 'remittances'>> {
  remittances: Remittance[];
  groups: number;
  groupControl: string;
  transactions: number;
}

/** Reads one transaction set after the other; what stands outside of them belongs to the envelope. */
class RemittanceReader {
  readonly files: OpenFile[] = [];
  readonly problems: EnvelopeProblem[] = [];
  #file: OpenFile | undefined;
  #payment: PaymentReader | undefined;
  #control = '';
  #segments = 0;

  read(segment: X12Segment): void {
    this.#segments++;
    const envelope = this.#envelope[segment.name];
    if (envelope) return envelope(segment);
    this.#payment?.read(segment);
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
      this.#payment = new PaymentReader((name) => this.#problem('bad-amount', `${this.#where} / ${name}`));
    },
    SE: (segment) => {
      if (Number(segment.at(1)) !== this.#segments) this.#problem('segment-count', this.#where);
      if (segment.at(2) !== this.#control) this.#problem('control-number', this.#where);
      if (this.#payment) this.#opened().remittances.push(this.#payment.payment);
      this.#payment = undefined;
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
