import { expect, test } from '@jest/globals';
import { hashId } from '@vigil/core';
import * as fc from 'fast-check';
import { rulesWith } from '../../../test-support/test-rules.ts';
import { Patient } from '../patient/patient.ts';
import { codeOfVital, vitalCount } from '../vitals.ts';
import { noStatistics } from './pane.ts';
import { windowRecord } from './window-record.ts';

const window = fc.record({
  token: fc.constantFrom('', 't1.a', 't1.b', '1:x'),
  start: fc.constantFrom(0, 300_000, 600_000),
  sizeMs: fc.constantFrom(300_000, 600_000),
  vital: fc.nat(vitalCount - 1),
});

test('the id of a window is the hash of patient, vital, start and size, whatever window was told before', () => {
  fc.assert(
    fc.property(fc.array(window, { minLength: 1, maxLength: 20 }), (windows) => {
      for (const { token, start, sizeMs, vital } of windows) {
        const rules = { ...rulesWith().windows, sizeMs };
        const record = windowRecord(new Patient(token), rules, {
          start,
          vital,
          revision: 0,
          closedBy: 'watermark',
          statistics: noStatistics(),
        });

        expect(record.windowId).toBe(hashId('window', token, codeOfVital(vital) as string, start, sizeMs));
      }
    }),
  );
});
