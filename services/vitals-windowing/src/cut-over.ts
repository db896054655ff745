import { adoptRun as adoptState } from '@vigil/kafka';
import type { ServiceContext } from '@vigil/runtime';
import type { settings } from './config.ts';
import type { ClinicalRules } from './domain/rules.ts';
import { adoptRun } from './handlers/adopt-run.ts';
import { createTopology } from './topology.ts';

type Service = Pick<ServiceContext<(typeof settings)['shape'], never>, 'client' | 'registry' | 'clock' | 'log' | 'settings' | 'finish'>;

/** Puts the state of a run into the place of the live stage's, then ends the program. */
export async function cutOver(rules: ClinicalRules, runId: string, service: Service): Promise<void> {
  const { client, registry, clock, log, settings, finish } = service;
  const options = { pages: settings.cutoverPages, wholeFromMs: settings.cutoverWholeFromMs ?? Number.NEGATIVE_INFINITY };
  const tasks = await adoptState(createTopology(rules), adoptRun(rules, options), { client, registry, clock, runId });
  for (const { partition, rows } of tasks) log.info('the task was cut over', { partition, count: rows });
  finish();
}
