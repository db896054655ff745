export { bounded, type RunEnds } from './bounded.ts';
export { keyed } from './keyed.ts';
export { paced, type Pace } from './paced.ts';
export { liveTopicsOf, runNameOf, runTopicsOf } from './run-names.ts';
export { renamed, type BrokerNames } from './renamed.ts';
export { withRunId } from './with-run-id.ts';
