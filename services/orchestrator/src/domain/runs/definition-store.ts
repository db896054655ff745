// Deployed definitions: versions that never change, and which of them is in force.
import type { RunPlan } from '@vigil/workflows';

export interface Deployed {
  readonly workflow: string;
  readonly version: number;
  readonly sha256: string;
  /** `unchanged`: this text was deployed before, as this version, and is in force. */
  readonly outcome: 'created' | 'returned' | 'unchanged';
}

export interface StoredDefinition {
  readonly workflow: string;
  readonly version: number;
  readonly sha256: string;
  readonly text: string;
  readonly plan: RunPlan;
  readonly deployedAtMs: number;
  readonly deployedBy: string;
}

export interface WorkflowSummary {
  readonly workflow: string;
  /** In force. */
  readonly version: number;
  readonly sha256: string;
  readonly enabled: boolean;
  readonly deployedAtMs: number;
  readonly deployedBy: string;
}

/** What other rooms do in the transaction that brings a version into force or switches a workflow. */
export interface DefinitionHooks<Tx = unknown> {
  readonly inForce?: (transaction: Tx, definition: StoredDefinition, by: string) => Promise<void>;
  readonly switched?: (
    transaction: Tx,
    change: { readonly workflow: string; readonly enabled: boolean; readonly by: string },
  ) => Promise<void>;
}

export interface DefinitionStore {
  /**
   * Brings a definition into force: a new version, or the one that this text was before.
   *
   * @throws VigilError of the definition's problems, with line and column
   */
  deploy(text: string, by: string): Promise<Deployed>;
  /** @throws VigilError WORKFLOW_UNKNOWN */
  enable(workflow: string, by: string): Promise<void>;
  /** @throws VigilError WORKFLOW_UNKNOWN */
  disable(workflow: string, by: string): Promise<void>;
  list(): Promise<readonly WorkflowSummary[]>;
  /** @param version  null = in force */
  find(workflow: string, version: number | null): Promise<StoredDefinition | null>;
  /** From memory where it was read before: a version never changes. Null = no such version. */
  planOf(workflow: string, version: number): Promise<RunPlan | null>;
}
