// The provider stand-in as a process: `vigil up` runs it so that pages of the local fleet go nowhere else.
import { isVigilError } from '@vigil/core';
import { readProviderSettings } from './provider-settings.ts';
import { startProviders } from './start-providers.ts';

try {
  const providers = await startProviders(readProviderSettings(process.env));
  process.stdout.write(`${JSON.stringify({ message: 'provider stand-in listens', url: providers.url, smtpUrl: providers.smtpUrl })}\n`);
  const stop = (): void => void providers.close().then(() => process.exit(0));
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(isVigilError(error) && error.kind === 'config' ? 78 : 1);
}
