import { fleet } from './fleet.ts';
import { infrastructurePorts } from './infrastructure-ports.ts';

/** Every port that a stack and its fleet need, chosen together at the first start. */
export const portNames: readonly string[] = [...infrastructurePorts, ...fleet.flatMap(({ ports }) => ports)];
