export * from './generated/types.ts';
export * from './topics.ts';
