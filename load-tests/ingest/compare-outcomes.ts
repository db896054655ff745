import type { OutcomeTable } from './read-accepted.ts';

/** The first few entries that are not the same on both sides, both ways; none = equal. */
export function outcomeDifferences(ours: OutcomeTable, theirs: OutcomeTable): string[] {
  const differences: string[] = [];
  const note = (what: string): void => void (differences.length < 5 && differences.push(what));
  for (const [id, outcome] of ours) {
    const other = theirs.get(id);
    if (other === undefined) note(`only ours has ${id}`);
    else if (other !== outcome) note(`${id}: ours ${outcome}, theirs ${other}`);
  }
  for (const id of theirs.keys()) if (!ours.has(id)) note(`only theirs has ${id}`);
  return ours.size === 0 ? ['nothing was compared'] : differences;
}

/** As above for a peer that does not look for repeats: what only it has must be the repeats, to the number. */
export function differencesBesideRepeats(ours: OutcomeTable, theirs: OutcomeTable, repeats: number): string[] {
  const common = new Map([...theirs].filter(([id]) => ours.has(id)));
  const surplus = theirs.size - common.size;
  return [...outcomeDifferences(ours, common), ...(surplus === repeats ? [] : [`theirs has ${surplus} more, of ${repeats} repeats`])];
}
