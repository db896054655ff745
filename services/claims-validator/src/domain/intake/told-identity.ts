import type { ParsedPerson } from '@vigil/claim-formats';

const dayMs = 86_400_000;

const isoDate = (day: number | null): string => (day === null ? '' : new Date(day * dayMs).toISOString().slice(0, 10));

/** What a claim tells of its patient, by the names that registry entries use; without what it does not tell. */
export function toldIdentityOf({ id, lastName, firstName, birthDate, address, zip }: ParsedPerson): Readonly<Record<string, string>> {
  const fields = {
    patient_id: id,
    name: [firstName, lastName].filter((part) => part !== '').join(' '),
    birth_date: isoDate(birthDate),
    address,
    zip,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ''));
}
