import { join } from 'node:path';
import { VigilError } from '@vigil/core';
import { fleet, type FleetPart } from '../fleet.ts';
import { fleetEnvironment } from '../fleet-environment.ts';
import { portOf } from '../native/part-context.ts';
import { repositoryRoot, type StackPaths } from '../paths.ts';
import { sourceEnvironment } from '../source-environment.ts';
import { baseEnvironment } from '../spawn-part.ts';
import { stackEnv } from '../stack-env.ts';
import { readState } from '../state-file.ts';
import type { SupervisedPart } from './supervised-part.ts';

/**
 * The parts of these names in the order of the fleet; `warehouse-loader` means all of its targets, `all` every part.
 *
 * @throws BAD_USAGE that lists the names there are
 */
export const selectParts = (names: readonly string[]): FleetPart[] => {
  const matches = (part: FleetPart, name: string) => name === 'all' || part.name === name || part.name.startsWith(`${name}.`);
  const unknown = names.filter((name) => !fleet.some((part) => matches(part, name)));
  if (unknown.length > 0) {
    throw new VigilError('BAD_USAGE', {
      detail: `Unknown: ${unknown.join(', ')}. There are: all, ${fleet.map(({ name }) => name).join(', ')}.`,
    });
  }
  return fleet.filter((part) => names.some((name) => matches(part, name)));
};

/** Settings of the caller's shell that reach the services: everything named `VIGIL_…` and `OTEL_…`. */
export const passedOn = (environment: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) => (value !== undefined && /^(VIGIL|OTEL)_/.test(name) ? [[name, value]] : [])),
  );

/** Options of Node for every part, such as `--inspect=0`; the caller's own NODE_OPTIONS are meant for the caller. */
const nodeOptions = ({ VIGIL_NODE_OPTIONS: options }: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  options ? { NODE_OPTIONS: options } : {};

/** How to start parts of the fleet on the running stack. */
export const fleetParts = (parts: readonly FleetPart[], paths: StackPaths, environment = process.env): SupervisedPart[] => {
  const env = stackEnv(paths);
  const ports = readState(paths.stateFile)?.ports ?? {};
  const sources = sourceEnvironment(env, paths);
  return parts.map((part) => ({
    name: part.name,
    kind: part.role === 'service' ? 'service' : 'infrastructure',
    program: process.execPath,
    args: [join(repositoryRoot, part.main), ...part.args],
    env: {
      ...baseEnvironment(),
      ...nodeOptions(environment),
      ...sources,
      ...passedOn(environment),
      ...fleetEnvironment(part, { env, ports, paths }),
    },
    cwd: repositoryRoot,
    logFile: join(paths.logs, `${part.name}.log`),
    port: portOf(ports, part.ports[0]),
    niceness: part.niceness,
  }));
};
