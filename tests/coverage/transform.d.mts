export function addCounters(code: string, path: string): string;
