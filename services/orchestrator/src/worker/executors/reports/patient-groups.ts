/** Chapters of ICD-10-CM by the codes they begin with. @see CDC, ICD-10-CM tabular list */
const chapters: readonly (readonly [from: string, chapter: string])[] = [
  ['A00', 'A00-B99'],
  ['C00', 'C00-D49'],
  ['D50', 'D50-D89'],
  ['E00', 'E00-E89'],
  ['F01', 'F01-F99'],
  ['G00', 'G00-G99'],
  ['H00', 'H00-H59'],
  ['H60', 'H60-H95'],
  ['I00', 'I00-I99'],
  ['J00', 'J00-J99'],
  ['K00', 'K00-K95'],
  ['L00', 'L00-L99'],
  ['M00', 'M00-M99'],
  ['N00', 'N00-N99'],
  ['O00', 'O00-O9A'],
  ['P00', 'P00-P96'],
  ['Q00', 'Q00-Q99'],
  ['R00', 'R00-R99'],
  ['S00', 'S00-T88'],
  ['U00', 'U00-U85'],
  ['V00', 'V00-Y99'],
  ['Z00', 'Z00-Z99'],
];

const chapterSql = `CASE WHEN d.code = '' THEN NULL ${chapters
  .toReversed()
  .map(([from, chapter]) => `WHEN d.code COLLATE "C" >= '${from}' THEN '${chapter}'`)
  .join(' ')} END`;

/** What patients can be grouped by; the text of each is SQL of this code, chosen by name only. */
export const groupings = {
  sex: { sql: 'p.sex', of: 'patient' },
  age_group: { sql: 'p.age_group', of: 'patient' },
  zip3: { sql: 'p.zip3', of: 'patient' },
  diagnosis: { sql: "NULLIF(d.code, '')", of: 'visit' },
  diagnosis_chapter: { sql: chapterSql, of: 'visit' },
  department_class: { sql: 'v.department_class', of: 'visit' },
  treatment_arm: { sql: "NULLIF(o.arm, '')", of: 'outcome' },
  completion_status: { sql: "NULLIF(o.completion_status, '')", of: 'outcome' },
} as const;
export type Grouping = keyof typeof groupings;
export const groupingNames = Object.keys(groupings) as [Grouping, ...Grouping[]];
