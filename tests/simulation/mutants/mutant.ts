/** A change of one place in a source file. `find` must stand there exactly once, so that a mutant never goes stale in silence. */
export interface SourceEdit {
  /** From the root of the project. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** A bug on purpose: the simulation is worth something only if it finds it. */
export interface Mutant {
  readonly name: string;
  /** What a reader would see in production. */
  readonly harm: string;
  readonly edits: readonly SourceEdit[];
}
