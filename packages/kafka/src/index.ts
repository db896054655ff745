export * from './ports/kafka-client.ts';
export * from './ports/schema-registry.ts';
export * from './topology/state-store.ts';
export * from './topology/topology.ts';
