import { expect, test } from '@jest/globals';
import { field, type EventField } from './event-fields.ts';

test.each<[string, EventField, readonly unknown[], readonly unknown[]]>([
  ['count', field.count(), [0, 5], [-1, 1.5, Number.NaN, '5']],
  ['number', field.number(), [-1.5, 0], [Number.NaN, Number.POSITIVE_INFINITY, '1']],
  ['durationMs', field.durationMs(), [0, 1.5], [-1, '1', undefined]],
  ['partition', field.partition(), [0, 11], [-1, '1']],
  ['offset', field.offset(), [0, 2 ** 40], [-1]],
  ['port', field.port(), [8080], ['8080']],
  ['flag', field.flag(), [true, false], ['true', 1]],
  ['topic', field.topic(), ['vitals.reading.accepted.v1'], ['Jane Doe', 'A', '']],
  ['errorCode', field.errorCode(), ['NOT_JSON'], ['toString', 'JANE', 1]],
  ['oneOf', field.oneOf('a', 'b'), ['a'], ['c', undefined]],
  ['ownName', field.ownName(), ['deviceId', 'device-ingest'], ['Jane Doe', '1950', '', 7]],
])('%s lets through what it is for and nothing else', (_name, kind, fit, unfit) => {
  for (const value of fit) expect([value, kind.accepts(value)]).toEqual([value, true]);
  for (const value of unfit) expect([value, kind.accepts(value)]).toEqual([value, false]);
});
