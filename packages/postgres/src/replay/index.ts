export * from './fingerprint-rows.ts';
export * from './replay-jobs.ts';
export * from './replay-sink-part.ts';
export * from './replayable-sinks.ts';
export * from './trim-loads.ts';
