import { expect, test } from '@jest/globals';
import { VigilError } from '@vigil/core';
import { createLog, type LogFields } from './create-log.ts';

const capture = (level: 'debug' | 'info' | 'silent' = 'debug') => {
  const lines: Record<string, unknown>[] = [];
  const { log } = createLog({
    service: 'bed-watcher',
    level,
    destination: { write: (line: string) => lines.push(JSON.parse(line) as Record<string, unknown>) },
  });
  return { log, lines };
};

test('a line is JSON with time, level, service, a constant message and fields', () => {
  const { log, lines } = capture();

  log.debug('a');
  log.info('b', { topic: 't', offset: 7 });
  log.warn('c');
  log.error('d');

  expect(lines.map(({ level, msg }) => [level, msg])).toEqual([
    ['debug', 'a'],
    ['info', 'b'],
    ['warn', 'c'],
    ['error', 'd'],
  ]);
  expect(lines[1]).toEqual({
    time: expect.stringMatching(/^\d{4}-.*Z$/),
    level: 'info',
    service: 'bed-watcher',
    topic: 't',
    offset: 7,
    msg: 'b',
  });
});

test('less severe lines than the level are left out', () => {
  const { log, lines } = capture('info');
  log.debug('hidden');
  log.info('shown');
  expect(lines).toHaveLength(1);
});

test('a field outside the allow-list is dropped', () => {
  const { log, lines } = capture();
  log.info('x', { patientId: 'PAT_CANARY', count: 1 } as LogFields);
  expect(lines[0]).toMatchObject({ count: 1 });
  expect(JSON.stringify(lines)).not.toContain('CANARY');
});

test('of a foreign error only class, code and frames are logged, never its message or properties', () => {
  const { log, lines } = capture();
  const cause = Object.assign(new TypeError('cause about Jane CANARY'), { code: 'Jane CANARY' });
  const error = Object.assign(new RangeError('duplicate key (name)=(Jane CANARY)\n    and more of Jane CANARY', { cause }), {
    code: '23505',
    detail: 'Jane CANARY',
  });

  log.failure('a write failed', error, { topic: 't' });

  expect(lines[0]).toMatchObject({
    level: 'error',
    msg: 'a write failed',
    topic: 't',
    errorType: 'RangeError',
    code: '23505',
    frames: expect.arrayContaining([expect.stringMatching(/^at /)]),
    cause: { errorType: 'TypeError' },
  });
  expect(JSON.stringify(lines)).not.toContain('CANARY');
});

test('an error of the catalogue is logged with its message and kind', () => {
  const { log, lines } = capture();
  log.failure('stopping', new VigilError('TOPIC_MISSING', { detail: 'vitals.reading.accepted.v1.' }));
  expect(lines[0]).toMatchObject({
    code: 'TOPIC_MISSING',
    kind: 'config',
    errorMessage: expect.stringContaining('vitals.reading.accepted.v1'),
  });
});

test('what was thrown and is no error is not logged itself', () => {
  const { log, lines } = capture();
  const noStack = new Error('Jane CANARY');
  delete noStack.stack;

  log.failure('odd', 'Jane CANARY');
  log.failure('odd', noStack);

  expect(lines[0]).toMatchObject({ errorType: 'string' });
  expect(lines[1]).toMatchObject({ errorType: 'Error', frames: [] });
  expect(JSON.stringify(lines)).not.toContain('CANARY');
});
