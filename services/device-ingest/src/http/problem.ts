import { errorCatalogue, type ErrorCode } from '@vigil/core';

/** What is wrong with one field of one item of a request. */
export interface ItemError {
  readonly index: number;
  readonly field: string;
  readonly code: string;
  readonly message: string;
}

export interface ProblemDetails {
  readonly status: number;
  /** Last part of the problem's type. */
  readonly name: string;
  readonly title: string;
  /** What happened and what to do; never anything of what was sent. */
  readonly detail: string;
  readonly errors?: readonly ItemError[];
  readonly retryAfterSeconds?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Ends a request with an RFC 9457 problem. */
export class HttpProblem extends Error {
  readonly details: ProblemDetails;

  constructor(details: ProblemDetails) {
    super(details.title);
    this.name = 'HttpProblem';
    this.details = details;
  }
}

/** The body of `application/problem+json`. @see RFC 9457 */
export const problemBody = ({ status, name, title, detail, errors }: ProblemDetails): object => ({
  type: `urn:vigil:problem:${name}`,
  title,
  status,
  detail,
  ...(errors && { errors }),
});

/** Why a measurement was excluded, for the sender. */
const exclusions: Readonly<Record<string, string>> = {
  OUT_OF_RANGE: 'The value cannot be a measurement. Check the sensor and the unit.',
  ZERO_SIGNAL: 'The value is 0: the sensor gives no signal.',
  LEAD_OFF: 'The value is 0 while a lead is off.',
  NOT_A_NUMBER: 'The value is not a finite number. Send a JSON number, without quotes.',
  UNKNOWN_UNIT: 'The unit is not known. Use UCUM, for example Cel or [degF].',
  BAD_CODE: 'The value is not one of the documented ones.',
  DIASTOLIC_NOT_BELOW_SYSTOLIC: 'The diastolic pressure is not below the systolic one.',
};

const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(errorCatalogue, code);

/** The catalogue's words for a code. */
export function messageOf(code: string): string {
  if (!isErrorCode(code)) return Object.hasOwn(exclusions, code) ? (exclusions[code] as string) : 'The value cannot be used.';
  const { what, action } = errorCatalogue[code];
  return `${what} ${action}`;
}
