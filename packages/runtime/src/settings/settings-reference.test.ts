import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { defineSettings } from './define-settings.ts';
import { integer, oneOf, text, url } from './formats.ts';
import { setting } from './setting.ts';
import { settingsReference } from './settings-reference.ts';

test('the reference tells of every setting what it is, its format and its default', () => {
  const definition = defineSettings(
    'bed-watcher',
    {
      url: setting({ env: 'VIGIL_URL', schema: url('http'), doc: 'where to look.' }),
      mode: setting({ env: 'VIGIL_MODE', schema: oneOf(['slow', 'fast']).default('slow'), doc: 'how to look.' }),
      most: setting({ env: 'VIGIL_MOST', schema: integer({ min: 1, max: 5 }).default(3), doc: 'the most.' }),
      key: setting({ env: 'VIGIL_KEY', schema: text().optional(), doc: 'the key.', secret: true }),
      odd: setting({ env: 'VIGIL_ODD', schema: z.string(), doc: 'odd.' }),
    },
    [{ settings: ['most', 'mode'], holds: () => true, problem: 'contradict each other', action: 'Choose.' }],
  );

  const text1 = settingsReference([definition]);

  expect(text1).toContain('## bed-watcher');
  expect(text1).toContain('| `VIGIL_URL` | URL (http) | **required** | Where to look. |');
  expect(text1).toContain('| `VIGIL_MODE` | slow \\| fast | `slow` | How to look. |');
  expect(text1).toContain('| `VIGIL_MOST` | whole number 1 to 5 | `3` | The most. |');
  expect(text1).toContain('| `VIGIL_KEY` | text | none | The key. Secret: never printed. |');
  expect(text1).toContain('| `VIGIL_ODD` | text | **required** | Odd. |');
  expect(text1).toContain('- refused when `VIGIL_MOST`, `VIGIL_MODE` contradict each other');
});

test('a service without cross-checks has no list of them', () => {
  const definition = defineSettings('plain', { a: setting({ env: 'VIGIL_A', schema: text(), doc: 'a.' }) });
  expect(settingsReference([definition])).not.toContain('refused when');
});
