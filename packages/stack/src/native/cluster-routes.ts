import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A way to one listener of a broker that somebody else carries: he listens at `host`, the broker at 127.0.0.1, both at `port`. */
export interface ClusterRoute {
  readonly from: 'services' | number;
  readonly to: number;
  readonly host: string;
  readonly port: number;
}

/** Opens a route before the brokers start; it must stay open as long as they run. */
export type OpenRoute = (route: ClusterRoute) => Promise<void>;

/** Ports of the listeners that are reached by routes only. */
export interface RoutedPorts {
  readonly servicesPort: number;
  readonly peersPort: number;
}

export interface RoutedNode extends RoutedPorts {
  readonly id: number;
  readonly port: number;
  readonly controllerPort: number;
}

/** Each pair has an address of its own, so that one way can be cut and the way back not. All of 127.0.0.0/8 is loopback on Linux. */
const routeHost = (from: ClusterRoute['from'], to: number): string => `127.0.${from === 'services' ? 100 : from}.${to}`;

export const peerName = (id: number): string => `broker-${id}`;
export const servicesAddress = ({ id, servicesPort }: RoutedNode): string => `${routeHost('services', id)}:${servicesPort}`;

/** Every way there is: services to each broker, each broker to the listeners of each other one. */
export const routesOf = (nodes: readonly RoutedNode[]): ClusterRoute[] =>
  nodes.flatMap((to) => {
    const route = (from: ClusterRoute['from'], port: number): ClusterRoute => ({ from, to: to.id, host: routeHost(from, to.id), port });
    const others = nodes.filter(({ id }) => id !== to.id);
    return [route('services', to.servicesPort), ...others.flatMap(({ id }) => [route(id, to.peersPort), route(id, to.controllerPort)])];
  });

/**
 * Listeners of a broker behind routes. Its own users keep the direct one; peers call each other by name, and each
 * broker's hosts file leads the name to the route that starts at it.
 */
export const routedListeners = (node: RoutedNode): Readonly<Record<string, string>> => {
  const { id, port, controllerPort, servicesPort, peersPort } = node;
  const direct = `PLAINTEXT://127.0.0.1:${port}`;
  return {
    listeners: `${direct},SERVICES://127.0.0.1:${servicesPort},PEERS://127.0.0.1:${peersPort},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `${direct},SERVICES://${servicesAddress(node)},PEERS://${peerName(id)}:${peersPort},CONTROLLER://${peerName(id)}:${controllerPort}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,SERVICES:PLAINTEXT,PEERS:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'PEERS',
  };
};

/** Writes what `id` finds under the names of its peers and answers the option for its Java. */
export function writeHostsFile(directory: string, id: number, ids: readonly number[]): string {
  const file = join(directory, `hosts-${id}`);
  const lines = ids.map((other) => `${other === id ? '127.0.0.1' : routeHost(id, other)} ${peerName(other)}`);
  writeFileSync(file, ['127.0.0.1 localhost', ...lines, ''].join('\n'));
  return `-Djdk.net.hosts.file=${file}`;
}
