import { VigilError } from '@vigil/core';
import { readPhysioNet2019, type RecordedStay } from '@vigil/testing';
import { existsSync } from 'node:fs';

/** Recorded stays of a folder, or none without one. @throws VigilError BAD_USAGE when the folder holds none */
export function readStays(directory: string | undefined, startMs: number): readonly RecordedStay[] {
  if (directory === undefined) return [];
  const stays = existsSync(directory) ? readPhysioNet2019(directory, { startMs }).filter(({ messages }) => messages.length > 0) : [];
  if (stays.length === 0) throw new VigilError('BAD_USAGE', { detail: `--source: ${directory} holds no recorded stays (*.psv).` });
  return stays;
}
