export * from './latest-vitals-cache.ts';
export * from './latest-vitals-table.ts';
export * from './latest-vitals.ts';
export * from './read-latest.ts';
