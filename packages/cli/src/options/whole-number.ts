import { VigilError } from '@vigil/core';

/** @throws VigilError BAD_USAGE unless `text` is a whole number of at least `least` */
export function wholeNumber(option: string, text: string, least = 1): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < least) {
    throw new VigilError('BAD_USAGE', { detail: `${option} takes a whole number of at least ${least}.` });
  }
  return value;
}
