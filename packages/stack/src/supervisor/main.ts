// The process that `vigil up` leaves in the background. It ends with `vigil down` only.
import { stackPaths } from '../paths.ts';
import { fleetParts, selectParts } from './fleet-parts.ts';
import { runSupervisor } from './run-supervisor.ts';

const paths = stackPaths();
await runSupervisor(fleetParts(selectParts(process.argv.slice(2)), paths), { paths, signals: process });
