/**
 * `node scripts/claims-parse-path.ts [--claims N] [--rounds N]`
 *
 * CPU time of splitting and reading a generated 837P, by itself: the part of `npm run bench -- claims` that needs no stack.
 */
import { parseArgs } from 'node:util';
import { benchClaimsParse } from '../load-tests/claims/parse-bench.ts';

const { values } = parseArgs({ options: { claims: { type: 'string', default: '60000' }, rounds: { type: 'string', default: '5' } } });
const { rounds, megabytesPerSecond } = await benchClaimsParse({ claims: Number(values.claims), rounds: Number(values.rounds) });
const fastest = Math.max(...rounds.map((round) => round.megabytesPerSecond));
console.log(JSON.stringify({ claims: rounds[0]?.claims, megabytes: rounds[0]?.megabytes, megabytesPerSecond, fastest }));
