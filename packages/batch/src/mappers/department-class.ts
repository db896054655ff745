import type { DepartmentClass } from '@vigil/contracts';

/** What departments are called in other words, as they stand among the letters of a name. */
const words: readonly (readonly [RegExp, DepartmentClass])[] = [
  [/\b(icu|micu|sicu|nicu|ccu|intensive|critical care)\b/, 'intensive-care'],
  [/\b(emergency|er|ed|a&e|casualty)\b/, 'emergency'],
  [/\b(orthop(a)?edics?)\b/, 'orthopedics'],
  [/\bcardi(ac|ology)\b/, 'cardiology'],
  [/\b(dermatology|skin)\b/, 'dermatology'],
  [/\b(endocrinology|diabetes)\b/, 'endocrinology'],
  [/\b(gastroenterology|gi)\b/, 'gastroenterology'],
  [/\b(lab|laboratory|pathology)\b/, 'laboratory'],
  [/\b(nephrology|renal|dialysis)\b/, 'nephrology'],
  [/\b(neurology|stroke)\b/, 'neurology'],
  [/\b(obstetrics|gyn(a)?ecology|obgyn|ob\/gyn|maternity)\b/, 'obstetrics'],
  [/\b(oncology|cancer)\b/, 'oncology'],
  [/\b(ophthalmology|eye)\b/, 'ophthalmology'],
  [/\b(p(a)?ediatrics?|children)\b/, 'pediatrics'],
  [/\b(primary care|family medicine|general practice)\b/, 'primary-care'],
  [/\b(psychiatry|behavio(u)?ral|mental health)\b/, 'psychiatry'],
  [/\b(pulmonology|respiratory)\b/, 'pulmonology'],
  [/\b(radiology|imaging)\b/, 'radiology'],
  [/\burology\b/, 'urology'],
  [/\bsurg(ery|ical)\b/, 'surgery'],
  [/\b(internal medicine|medicine)\b/, 'internal-medicine'],
];

/** The class of a department as a hospital calls it: `St Mary Cardiology West` is cardiology; `other` where no word is known. */
export function departmentClassOf(department: string): DepartmentClass {
  const text = department.toLowerCase();
  return words.find(([pattern]) => pattern.test(text))?.[1] ?? 'other';
}
