import { join } from 'node:path';
import { loadWorkflowDefinition, monitoringParametersOf, parseDefinition, workflowSchema } from '@vigil/definitions';
import { readParameters, runTopology, silentParameters, tellRefused } from '@vigil/kafka';
import { runService } from '@vigil/runtime';
import { createClinicalRules } from './clinical-rules.ts';
import { defaultWorkflowsDir, settings } from './config.ts';
import { cutOver } from './cut-over.ts';
import { events } from './events.ts';
import { createOpenWindows } from './open-windows.ts';
import { RulesInForce } from './domain/rules-in-force.ts';
import { createTopology, monitoringWorkflow } from './topology.ts';

await runService({ name: 'vitals-windowing', settings, events }, async (service) => {
  const { settings, client, registry, observer, engine, supervise, events, http, clock, log } = service;
  const definition = loadWorkflowDefinition(
    join(settings.workflowsDir ?? defaultWorkflowsDir, 'definitions', 'patient_monitoring_workflow.yaml'),
  );
  const parameters = monitoringParametersOf(definition);
  const rules = createClinicalRules(parameters, settings);
  const rulesOf = (text: string) =>
    createClinicalRules(monitoringParametersOf(parseDefinition(text, monitoringWorkflow, workflowSchema)), settings);
  if (settings.cutoverRun !== undefined) {
    const inForce = await readParameters(client, registry, {
      workflow: monitoringWorkflow,
      open: () => new RulesInForce(rules),
      take: (view, text) => view.take(rulesOf(text)),
      observer: silentParameters,
    });
    return cutOver(inForce.rules, settings.cutoverRun, service);
  }
  const refusals = tellRefused({
    client,
    registry,
    clock,
    stage: 'vitals-windowing',
    workflow: monitoringWorkflow,
    observer: { inForce: (version) => events.rulesChanged({ version }), refused: (version) => events.rulesRefused({ version }) },
    onFailed: (error) => log.failure('a refused version could not be told', error),
  });
  const openWindows = createOpenWindows(() => clock.now());
  const topology = createTopology(
    rules,
    {
      windowOpened: (partition) => openWindows.opened(partition),
      windowsCounted(partition, patients) {
        openWindows.count(partition, patients);
        events.openWindows({ partition, patients });
      },
      alertChanged: events.alertChanged,
    },
    { rulesOf, observer: refusals },
  );
  http.get('/state', (_request, response) => void response.json({ openWindows: openWindows.total() }));
  events.rulesLoaded({
    workflow: definition.name,
    windowMs: rules.windows.sizeMs,
    advanceMs: rules.windows.advanceMs,
    warningDelayMs: parameters.warningDelayMs,
    threshold: parameters.deviationThreshold,
  });
  supervise('vitals-windowing', await runTopology(topology, { client, registry, observer, settings: engine }));
});
