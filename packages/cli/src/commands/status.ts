import { defineCommand, type RegisterCommand } from '../define-command.ts';
import type { FleetPartStatus } from '@vigil/stack';

interface Part extends FleetPartStatus {
  /** Whether it says of itself that it does its work. */
  readonly ready: boolean;
  /** Why it does not, in its own word; `halted` waits for `vigil resume`. */
  readonly reason?: string | null;
}

const table = (parts: readonly Part[]): string =>
  [
    ['part', 'kind', 'state', 'pid', 'port', 'restarts', 'ready'],
    ...parts.map((part) => [
      part.name,
      part.kind,
      part.state,
      part.pid ?? '-',
      part.port ?? '-',
      part.restarts,
      part.ready ? 'yes' : (part.reason ?? 'no'),
    ]),
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
    const { askReadiness, fleetStatus, stackStatus } = await import('@vigil/stack');
    const parts: Part[] = [...(await stackStatus()), ...(await askReadiness(fleetStatus()))];
    io.result({ parts }, () => table(parts));
  });
};
