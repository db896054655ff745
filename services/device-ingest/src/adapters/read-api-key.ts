import { readFileSync } from 'node:fs';
import { VigilError } from '@vigil/core';

const shortest = 16;

/**
 * The gateway's API key: the text of the file, without the line end.
 * @throws VigilError BAD_SETTINGS when it cannot be read or is too short to be a secret
 */
export function readApiKey(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw new VigilError('BAD_SETTINGS', { detail: `The gateway API key file ${path} cannot be read.`, cause: error });
  }
  if (!/^\S+$/.test(text) || text.length < shortest) {
    throw new VigilError('BAD_SETTINGS', {
      detail: `The gateway API key file ${path} holds no single word of at least ${shortest} characters.`,
    });
  }
  return text;
}
