export { fleet, type FleetPart } from './fleet.ts';
export { repositoryRoot, stackPaths, type StackPaths } from './paths.ts';
export type { Progress } from './progress.ts';
export { stackEnv, type StackEnv } from './stack-env.ts';
export { stackStatus, type PartStatus } from './stack-status.ts';
export { startStack, type Stack, type StackOptions } from './start-stack.ts';
export { stopStack } from './stop-stack.ts';
