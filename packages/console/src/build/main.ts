/** `npm run build -w @vigil/console`: builds the page where its sources changed. */
import { buildConsole } from './build-console.ts';

const { directory, outcome } = await buildConsole();
console.log(`console: ${outcome} ${directory}`);
