const prefix = 'file:';

/** The job that loads one content of a file. */
export const fileJobOf = (fileId: string, sha256: string): string => `${prefix}${fileId}:${sha256.slice(0, 16)}`;

/** The file whose job has this name or whose checkpoint has this key; null = the job is of no file. */
export const fileIdOfJob = (name: string): string | null => (name.startsWith(prefix) ? (name.split(':')[1] ?? null) : null);
