import type { RegisterCommand } from '../define-command.ts';
import { registerStack } from './stack.ts';

/** Every command of `vigil`, in the order of its help. */
export const registerCommands: readonly RegisterCommand[] = [registerStack];
