import { parseDeid, type AvroField, type AvroRecord } from '@vigil/contracts';
import type { Fields } from './compile-plan.ts';

/**
 * Texts of a class count as identifying from this length on; shorter ones occur in other words by chance. Names of
 * places get a greater one, because a ward may be called like a word of our own codes. Identifiers that a sender chooses
 * for a claim or a provider may be four characters of a code or of a word of ours: those tell nobody anything.
 */
const shortestOf: Readonly<Record<string, number>> = { geography: 10, account: 5 };
const shortest = 4;

const isIdentifier = ({ type, phi, deid }: AvroField): boolean =>
  type === 'string' && phi !== 'none' && phi !== 'free-text' && parseDeid(deid) !== 'keep';

/** Reads the texts of a record's identifying fields in small letters: those classified as an identifier that do not leave as they are. */
export function identifierReader({ fields }: AvroRecord): (source: Fields) => readonly string[] {
  const wanted = fields.filter(isIdentifier).map(({ name, phi }) => ({ name, least: shortestOf[String(phi)] ?? shortest }));
  return (source) => {
    const texts: string[] = [];
    for (const { name, least } of wanted) {
      const text = source[name];
      if (typeof text === 'string' && text.length >= least) texts.push(text.toLowerCase());
    }
    return texts;
  };
}
