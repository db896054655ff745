import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { sharedData } from '@vigil/testing';
import { checkRemittance } from './check-remittance.ts';
import { readRemittance } from './read-remittance.ts';

const folder = sharedData('x12/linuxforhealth');
const files = folder === null ? [] : readdirSync(join(folder, '835_005010X221A1')).sort();
const read = (name: string) => readRemittance(readFileSync(join(folder as string, '835_005010X221A1', name), 'utf8'));
const problemsOf = (name: string): string[] => {
  const { files: interchanges, problems } = read(name);
  const imbalances = interchanges.flatMap(({ remittances }) => remittances.flatMap((remittance) => checkRemittance(remittance)));
  return [...problems, ...imbalances].map(({ rule, where }) => `${rule} ${where}`);
};
const inData = folder === null ? test.skip : test;

inData('published examples of other payers are read, and found balanced or told where they are not', () => {
  expect(Object.fromEntries(files.map((name) => [name, problemsOf(name)]))).toEqual({
    // 541.00 − 516.00 + 9.00 = 34.00
    'cob-contractural-adjustment.835': [],
    // 800 − 50 − 300 = 450, 1200 − 55 − 600 − 50 = 495, 450 + 495 = 945
    'managed-care.835': [],
    // 138018.40 + 11980.33 − (−1.27) = 150000.00
    'medicare-part-a.835': [],
    // 912.00 + 310.00 = 1222.00
    'secondary-payment.835': [],
    // Its service is written `SVC*HC*24599.00*…`: a `*` where a component belongs moves every amount by one element.
    // So its line charges 24599.00 where the claim charges 1766.50, and pays 1766.50 where the claim pays 187.50.
    'tertiary-payment.835': ['claim ST 1 / CLP 1', 'claim ST 1 / CLP 1', 'service ST 1 / CLP 1 / SVC 1'],
  });
});

inData('what a payer says about people and money is where it belongs', () => {
  const [file] = read('managed-care.835').files;
  expect(file?.remittances[0]).toMatchObject({
    traceNumber: '7170066655',
    paidCents: 94_500,
    payer: { name: 'RUSHMORE LIFE', city: 'RAPID CITY', state: 'SD' },
    payee: { id: '5544667733', idType: 'npi', name: 'ACME MEDICAL CENTER' },
    claims: [
      {
        claimId: '5554555444',
        status: 'primary',
        patient: { lastName: 'BUDD', firstName: 'WILLIAM', memberId: '33344555510' },
        adjustments: [{ group: 'CO', carc: 'A2', cents: 5_000 }],
        lines: [{ procedureCode: '99211', adjustments: [{ group: 'PR', carc: '1', cents: 30_000 }] }],
      },
      { claimId: '8765432112', lines: [{ procedureCode: '93555' }] },
    ],
  });
});
