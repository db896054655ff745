/** `npm run demo -- …`: the command `vigil demo`. */
import { runCli } from '@vigil/cli';

process.exitCode = await runCli(['demo', ...process.argv.slice(2)], { stdout: process.stdout, stderr: process.stderr });
