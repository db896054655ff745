/** A cell that the algorithm is known to have filled. */
const cell = (row: readonly number[], column: number): number => row[column] as number;

/** Edit distance with neighbouring letters swapped counting once (optimal string alignment). */
function distanceBetween(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let line = 1; line <= a.length; line++) {
    const next = [line];
    for (let column = 1; column <= b.length; column++) {
      const substitution = cell(row, column - 1) + (a[line - 1] === b[column - 1] ? 0 : 1);
      let best = Math.min(substitution, cell(row, column) + 1, cell(next, column - 1) + 1);
      if (a[line - 1] === b[column - 2] && a[line - 2] === b[column - 1]) best = Math.min(best, cell(before, column - 2) + 1);
      next.push(best);
    }
    before = row;
    row = next;
  }
  return cell(row, b.length);
}

/** The candidate that `word` was probably meant to be: at most a third of its letters wrong, at least one; undefined without one. */
export function closestTo(word: string, candidates: readonly string[]): string | undefined {
  const allowed = Math.max(1, Math.floor(word.length / 3));
  let closest: string | undefined;
  let least = allowed + 1;
  for (const candidate of candidates) {
    // The lengths alone are too far apart: also what keeps a word of a megabyte from being compared letter by letter.
    if (Math.abs(candidate.length - word.length) >= least) continue;
    const distance = distanceBetween(word.toLowerCase(), candidate.toLowerCase());
    if (distance >= least) continue;
    closest = candidate;
    least = distance;
  }
  return closest;
}

const maxListed = 20;

/** The end of a message about an unknown word: the likely meaning, else what there is to choose from. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const closest = closestTo(word, candidates);
  if (closest !== undefined) return `; did you mean ${closest}?`;
  const more = candidates.length > maxListed ? ', …' : '';
  return candidates.length > 0 ? `; expected one of ${candidates.slice(0, maxListed).join(', ')}${more}` : '';
}
