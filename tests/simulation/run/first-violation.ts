// Run as a program, on a copy of the sources: plays seeds until the first violation and prints it as JSON, or null.
import { playSeeds } from './play-seeds.ts';

const [from, count] = process.argv.slice(2).map(Number) as [number, number];
const [first = null] = await playSeeds({ from, count }, (violations) => violations.length > 0);
process.stdout.write(`${JSON.stringify(first)}\n`, () => process.exit(0));
