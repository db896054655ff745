// claims-validator: raw claims are understood and identity leaves the stream (intake), then they are decided (adjudicate). Wiring only.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { createClaimReader } from '@vigil/claim-formats';
import { claimRulesOf, loadWorkflowDefinition, parseDefinition, workflowSchema } from '@vigil/definitions';
import { runTopology, tellRefused, type Topology } from '@vigil/kafka';
import { runService, startStages } from '@vigil/runtime';
import { observeIntake } from './adapters/observe-intake.ts';
import { createAdjudicateTopology } from './adjudicate-topology.ts';
import { checkRequiredFields } from './check-required-fields.ts';
import { claimsWorkflow, type ChangingWorkflow } from './claims-parameters.ts';
import { defaultWorkflowsDir, settings } from './config.ts';
import { events } from './events.ts';
import { createIntakeTopology } from './intake-topology.ts';

await runService({ name: 'claims-validator', settings, events }, async (service) => {
  const { settings, keys, client, registry, observer, engine, events, clock, log } = service;
  const { npiFirstDigits, secondPersonAboveCents, runStage } = settings;
  const definition = loadWorkflowDefinition(
    join(settings.workflowsDir ?? defaultWorkflowsDir, 'definitions', 'claims_processing_workflow.yaml'),
  );
  const workflow = claimRulesOf(definition);
  checkRequiredFields(definition.name, workflow);
  events.rulesLoaded({ workflow: definition.name, requiredFields: workflow.requiredFields.length });

  const changing = (stage: 'claims-validator-intake' | 'claims-validator-adjudicate'): ChangingWorkflow => ({
    rulesOf(text) {
      const rules = claimRulesOf(parseDefinition(text, claimsWorkflow, workflowSchema));
      checkRequiredFields(claimsWorkflow, rules);
      return rules;
    },
    observer: tellRefused({
      client,
      registry,
      clock,
      stage,
      workflow: claimsWorkflow,
      observer: {
        inForce: (version) => events.rulesChanged({ stage, version }),
        refused: (version) => events.rulesRefused({ stage, version }),
      },
      onFailed: (error) => log.failure('a refused version could not be told', error),
    }),
  });
  const sealing = { dataKey: keys.data, random: randomBytes };
  const stages: readonly Topology[] = [
    createIntakeTopology(
      { ...sealing, tokenKey: keys.token, workflow, readClaim: createClaimReader(), observer: observeIntake(events) },
      changing('claims-validator-intake'),
    ),
    createAdjudicateTopology(
      {
        requiredFields: workflow.requiredFields,
        leastCents: workflow.amountCents.least,
        mostCents: workflow.amountCents.most,
        npiFirstDigits,
        secondPersonAboveCents,
      },
      changing('claims-validator-adjudicate'),
    ),
  ];
  const chosen = new Map(stages.filter(({ name }) => (runStage ?? name) === name).map((stage) => [stage.name, stage]));
  // Side by side: a stage that is halted waits for a person, and the other goes on.
  startStages(
    [...chosen.keys()],
    (name) => runTopology(chosen.get(name) as Topology, { client, registry, observer, settings: engine }),
    service,
  );
});
