export type { Accepted, AcceptedLog, Refused } from './accepted-log.ts';
export type { Fault, FaultPlan, ProviderChannel } from './fault-plan.ts';
export * from './send-pagerduty-webhook.ts';
export * from './start-providers.ts';
