import { topics, type ParametersChanged } from '@vigil/contracts';
import { isVigilError } from '@vigil/core';
import { indexedTable, type TableIndex } from '../topology/topology.ts';

/** What a service makes of the versions of its workflow. */
export interface ParametersUse<View> {
  readonly workflow: string;
  /** What handlers see; one for all tasks of the instance, made with what the workflow's file says. */
  readonly open: () => View;
  /** Puts a definition's text into force. @throws VigilError of kind config where it cannot be read, or the service cannot work by it */
  readonly take: (view: View, text: string, version: number) => void;
  readonly observer: ParametersObserver;
}

export interface ParametersObserver {
  /** Called for each version when the topic is read, also for those that are overtaken by the next. */
  inForce(version: number): void;
  /** The last one that could be read stays in force. */
  refused(version: number, error: unknown): void;
}

export const silentParameters: ParametersObserver = { inForce: () => undefined, refused: () => undefined };

const isRefusal = (error: unknown): boolean => isVigilError(error) && error.kind === 'config';

/**
 * Versions of a workflow definition as a table of a stage: the last one in the log is in force, from the commit on whose ledger
 * rows tell the table's position behind it. What cannot be read, or worked by, changes nothing.
 */
export function openParametersIndex<View>({ workflow, open, take, observer }: ParametersUse<View>): TableIndex<View, ParametersChanged> {
  const view = open();
  return {
    view,
    put(_key, row) {
      // A version that was in force is not taken back by a tombstone: the next one takes its place.
      if (row === null || row.workflow !== workflow) return;
      try {
        take(view, row.definition, row.version);
        observer.inForce(row.version);
      } catch (error) {
        if (!isRefusal(error)) throw error;
        observer.refused(row.version, error);
      }
    },
  };
}

/** The table for a topology. */
export const parametersTable = <View>(use: ParametersUse<View>) => indexedTable(topics.parametersChanged, () => openParametersIndex(use));
