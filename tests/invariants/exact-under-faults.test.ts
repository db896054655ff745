import { beforeAll, expect, test } from '@jest/globals';
import { faultOf } from '../chaos/faults/index.ts';
import { runFault } from '../chaos/run-fault.ts';
import { openWorld, type World } from '../chaos/world.ts';
import { home, startFleet } from '../fleet/fleet.ts';

const patienceMs = 600_000;

let world: World;
beforeAll(async () => {
  await startFleet();
  world = openWorld(home, () => {});
}, patienceMs);

/** The short plan; `npm run chaos` has the long one, with more records. Who is frozen must have something to write, so F4 sends longer. */
test.each([
  ['F14', 2_500],
  ['F11', 2_500],
  ['F4', 7_500],
  ['F1', 2_500],
] as const)(
  '%s: nothing is lost, doubled, made up or out of order, and each alert is raised once and delivered',
  async (id, records) => {
    const report = await runFault(world, faultOf(id), { seed: 42, records, rate: 250, rounds: 1 });

    expect(report).toMatchObject({
      findings: [],
      lost: 0,
      duplicated: 0,
      phantom: 0,
      orderViolations: 0,
      alertsMissing: 0,
      alertsDoubled: 0,
      recoverySeconds: expect.any(Number),
    });
    expect(report.output).toBeGreaterThan(2_000);
    expect(report.evidence).not.toHaveLength(0);
  },
  patienceMs,
);
