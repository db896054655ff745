import type { RegisterCommand } from '../define-command.ts';
import { registerClaimsReview } from './claims-review.ts';
import { registerClaimsExport } from './claims-export.ts';
import { registerDb } from './db.ts';
import { registerDemo } from './demo.ts';
import { registerDlq } from './dlq.ts';
import { registerDown } from './down.ts';
import { registerFiles } from './files.ts';
import { registerLag } from './lag.ts';
import { registerLedger } from './ledger.ts';
import { registerLineage } from './lineage.ts';
import { registerPrepare } from './prepare.ts';
import { registerQuotas } from './quotas.ts';
import { registerReference } from './reference.ts';
import { registerReplay } from './replay.ts';
import { registerResume } from './resume.ts';
import { registerRun } from './run.ts';
import { registerSchemaCommands } from './schemas.ts';
import { registerSend } from './send.ts';
import { registerSources } from './sources.ts';
import { registerStack } from './stack.ts';
import { registerStatus } from './status.ts';
import { registerTopics } from './topics.ts';
import { registerTrace } from './trace.ts';
import { registerUp } from './up.ts';
import { registerWorkflows } from './workflows.ts';
import { registerWorkflowDeployments } from './workflow-deployments.ts';
import { registerWorkflowRuns } from './workflow-runs.ts';

/** Every command of `vigil`, in the order of its help. */
export const registerCommands: readonly RegisterCommand[] = [
  registerUp,
  registerDown,
  registerStatus,
  registerRun,
  registerDemo,
  registerStack,
  registerPrepare,
  registerDb,
  registerTopics,
  registerSchemaCommands,
  registerSend,
  registerFiles,
  registerSources,
  registerReference,
  registerLag,
  registerQuotas,
  registerLedger,
  registerTrace,
  registerLineage,
  registerClaimsExport,
  registerDlq,
  registerClaimsReview,
  registerResume,
  registerReplay,
  registerWorkflows,
  registerWorkflowDeployments,
  registerWorkflowRuns,
];
