import { VigilError } from '@vigil/core';
import { findProgram } from '../find-program.ts';
import type { Progress } from '../progress.ts';
import { canInstall, installPackage, type Missing } from './install-package.ts';

export interface WantedProgram extends Missing {
  /** Name of the executable. */
  readonly executable: string;
  /** Where it may be outside of `PATH`, asked again after an installation. */
  readonly directories?: () => readonly string[];
}

/** Path of a program; as root on Debian it is installed where it is missing, elsewhere the missing part is named. */
export const ensureProgram = async (wanted: WantedProgram, progress: Progress, allowed = canInstall()): Promise<string> => {
  const { executable, directories = () => [] } = wanted;
  const found = findProgram(executable, directories());
  if (found !== undefined) return found;
  await installPackage(wanted, progress, allowed);
  const installed = findProgram(executable, directories());
  if (installed !== undefined) return installed;
  throw new VigilError('MISSING_PROGRAM', { detail: `${executable} is not found although ${wanted.debianPackage} was installed.` });
};
