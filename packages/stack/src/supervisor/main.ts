// The process that `vigil up` leaves in the background. It ends with `vigil down` only.
import { runSupervisor } from './run-supervisor.ts';

await runSupervisor(process.argv.slice(2));
