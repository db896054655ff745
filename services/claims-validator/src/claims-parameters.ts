import { parametersTable, type ParametersObserver } from '@vigil/kafka';
import type { WorkflowRules } from './domain/intake/workflow-problems.ts';

export const claimsWorkflow = 'claims_processing_workflow';

/** The workflow's rules that a stage works by now. They change between two commits. */
export interface WorkflowInForce {
  workflow: WorkflowRules;
}

/** Where versions of the workflow definition come from that take the place of what the stage was started with. */
export interface ChangingWorkflow {
  /** Of a definition's text. @throws VigilError BAD_DEFINITION where no claim can be asked for what it requires */
  readonly rulesOf: (text: string) => WorkflowRules;
  readonly observer: ParametersObserver;
}

/** The table of a stage; no table where its rules never change: a test, a benchmark. */
export const parametersTables = (initial: WorkflowRules, changing: ChangingWorkflow | undefined) =>
  changing && {
    parameters: parametersTable({
      workflow: claimsWorkflow,
      open: (): WorkflowInForce => ({ workflow: initial }),
      take: (inForce, text) => void (inForce.workflow = changing.rulesOf(text)),
      observer: changing.observer,
    }),
  };
