import { readFileSync } from 'node:fs';
import type { RemittanceParty } from '@vigil/claim-formats';
import { VigilError } from '@vigil/core';
import type { PayerBook } from './cycle-rows.ts';

const fields = ['name', 'street', 'city', 'state', 'zip', 'phone'];

function partyOf(payerId: string, value: unknown): RemittanceParty {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  const isParty =
    entries.some(([field]) => field === 'name') && entries.every(([field, text]) => fields.includes(field) && typeof text === 'string');
  if (isParty) return value as RemittanceParty;
  throw new VigilError('BAD_USAGE', {
    detail: `--payers: ${payerId} needs a name, and may have ${fields.slice(1).join(', ')}, all as text.`,
  });
}

/** Reads names and addresses of payers. @throws VigilError BAD_USAGE where the file is none of JSON in that form */
export function readPayers(file: string | undefined): PayerBook {
  if (file === undefined) return new Map();
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new VigilError('BAD_USAGE', { detail: `--payers: ${file} cannot be read as JSON.`, cause });
  }
  return new Map(Object.entries(parsed as object).map(([payerId, value]) => [payerId, partyOf(payerId, value)]));
}
