export const severities = ['critical', 'warning', 'info'] as const;

/** How urgent an alert is, as vitals-windowing graded it. */
export type Severity = (typeof severities)[number];

/** An unknown word is read as the most urgent one: a new grade must not silence a page. */
export const severityOf = (word: string): Severity => severities.find((severity) => severity === word) ?? 'critical';

/** 0 = most urgent; order of claiming and of opening after an outage. */
export const rankOf = (severity: Severity): number => severities.indexOf(severity);
