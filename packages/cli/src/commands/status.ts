import { defineCommand, type RegisterCommand } from '../define-command.ts';
import type { FleetPartStatus } from '@vigil/stack';

type Part = Pick<FleetPartStatus, 'name' | 'kind' | 'pid' | 'port' | 'state' | 'restarts'>;

const table = (parts: readonly Part[]): string =>
  [
    ['part', 'kind', 'state', 'pid', 'port', 'restarts'],
    ...parts.map((part) => [part.name, part.kind, part.state, part.pid ?? '-', part.port ?? '-', part.restarts]),
  ]
    .map(([name, kind, ...rest]) =>
      `${String(name).padEnd(30)}${String(kind).padEnd(16)}${rest.map((cell) => String(cell).padEnd(10)).join('')}`.trimEnd(),
    )
    .join('\n');

/** `vigil status`: services and infrastructure with their processes. */
export const registerStatus: RegisterCommand = (program, io) => {
  defineCommand(program, {
    name: 'status',
    summary: 'what runs, where, and how often it was restarted',
    examples: ['vigil status --json'],
  }).action(async () => {
    const { fleetStatus, stackStatus } = await import('@vigil/stack');
    const parts: Part[] = [...(await stackStatus()), ...fleetStatus()];
    io.result({ parts }, () => table(parts));
  });
};
