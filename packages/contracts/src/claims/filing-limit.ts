/**
 * The longest time after a service in which a plan may take claims: two years, in days. What is counted against limits is kept for
 * four plan years before the present one: two for this, one because a plan year may have begun in the year before, one in which a
 * claim may wait for a person. A later claim would find its limits untouched.
 */
export const mostFilingDays = 731;
