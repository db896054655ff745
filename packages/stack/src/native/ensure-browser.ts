import { findProgram } from '../find-program.ts';
import type { Progress } from '../progress.ts';
import { ensureProgram } from './ensure-program.ts';
import { canInstall } from './install-package.ts';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'Google Chrome', 'Chromium'];
const usualPlaces = ['/Applications/Google Chrome.app/Contents/MacOS', '/Applications/Chromium.app/Contents/MacOS'];

export interface BrowserPlaces {
  readonly directories?: readonly string[];
  readonly path?: string | undefined;
  readonly allowed?: boolean;
}

/**
 * Path of a Chromium; as root on Debian it is installed where it is missing.
 *
 * @throws VigilError MISSING_PROGRAM where there is none and this process may not install one
 */
export async function ensureBrowser(
  progress: Progress,
  { directories = usualPlaces, path = process.env['PATH'], allowed = canInstall() }: BrowserPlaces = {},
): Promise<string> {
  const found = names.map((name) => findProgram(name, directories, path)).find((program) => program !== undefined);
  if (found !== undefined) return found;
  const wanted = {
    program: 'Chromium',
    executable: 'chromium',
    debianPackage: 'chromium',
    elsewhere: 'apt-get install chromium, or brew install --cask chromium',
  };
  return ensureProgram(wanted, progress, allowed);
}
