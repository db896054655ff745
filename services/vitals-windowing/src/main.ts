import { join } from 'node:path';
import { loadWorkflowDefinition, monitoringParametersOf } from '@vigil/definitions';
import { runTopology } from '@vigil/kafka';
import { runService } from '@vigil/runtime';
import { createClinicalRules } from './clinical-rules.ts';
import { defaultWorkflowsDir, settings } from './config.ts';
import { cutOver } from './cut-over.ts';
import { events } from './events.ts';
import { createOpenWindows } from './open-windows.ts';
import { createTopology } from './topology.ts';

await runService({ name: 'vitals-windowing', settings, events }, async (service) => {
  const { settings, client, registry, observer, engine, supervise, events, http, clock } = service;
  const definition = loadWorkflowDefinition(
    join(settings.workflowsDir ?? defaultWorkflowsDir, 'definitions', 'patient_monitoring_workflow.yaml'),
  );
  const parameters = monitoringParametersOf(definition);
  const rules = createClinicalRules(parameters, settings);
  if (settings.cutoverRun !== undefined) return cutOver(rules, settings.cutoverRun, service);
  const openWindows = createOpenWindows(() => clock.now());
  const topology = createTopology(rules, {
    windowOpened: (partition) => openWindows.opened(partition),
    windowsCounted(partition, patients) {
      openWindows.count(partition, patients);
      events.openWindows({ partition, patients });
    },
    alertChanged: events.alertChanged,
  });
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
