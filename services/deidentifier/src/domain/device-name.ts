import { isPlainText } from './plain-text.ts';

/** Words that names of devices are made of, in small letters: kinds, makers, model families. */
export type DeviceWords = ReadonlySet<string>;

const mostDigits = 5;
/** A model number: up to four letters and digits around, at least one digit; `5MAR84` is a day. */
const modelNumber = /^(?=.*\d)[a-z]{0,3}\d{1,4}[a-z]?\d?[a-z]?$/;
const month = /\d(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)|(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\d/;
const modelLetters = /^[a-z]{1,2}$/;

/**
 * Whether a text that a device tells of itself names a kind or model of device: known words and model numbers.
 * Anybody can type a patient's name into such a field, and no pattern tells `Jane Doe` from `Life Scope`.
 */
export function isDeviceName(text: string, words: DeviceWords): boolean {
  if (text === '') return true;
  const parts = text
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((part) => part !== '');
  const hasNumber = /\d/.test(text);
  const isKnown = (part: string): boolean =>
    words.has(part) || (modelNumber.test(part) && !month.test(part)) || (hasNumber && modelLetters.test(part));
  return isPlainText(text) && /[a-z]/i.test(text) && text.replaceAll(/\D/g, '').length <= mostDigits && parts.every(isKnown);
}
