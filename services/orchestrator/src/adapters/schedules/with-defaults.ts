import type { DefinitionStore } from '../../domain/runs/definition-store.ts';
import { declaredParameters, givenParameters, type DeclaredParameters } from '../../domain/schedules/given-parameters.ts';

interface Parametered {
  readonly workflow: string;
  readonly version: number;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** Gives each the parameters that its run begins with: its own, and the definition's defaults. */
export type WithDefaults = <Item extends Parametered>(items: readonly Item[]) => Promise<readonly Item[]>;

/** What a schedule cannot give stays away: its run says what it lacks, other than a schedule that never fires. */
export function createWithDefaults({ find }: Pick<DefinitionStore, 'find'>): WithDefaults {
  /** A version never changes. */
  const declared = new Map<string, DeclaredParameters>();
  const declaredBy = async (workflow: string, version: number): Promise<DeclaredParameters> => {
    const key = `${workflow} ${version}`;
    const known = declared.get(key) ?? declaredParameters((await find(workflow, version))?.text ?? '');
    declared.set(key, known);
    return known;
  };
  return async (items) => {
    const filled = [];
    for (const item of items) {
      const given = givenParameters(await declaredBy(item.workflow, item.version), item.parameters);
      filled.push(given.ok ? { ...item, parameters: given.parameters } : item);
    }
    return filled;
  };
}
