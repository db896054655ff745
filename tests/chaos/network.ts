import type { ClusterRoute, OpenRoute } from '@vigil/stack';
import { createFaultyLink, type FaultyLink, type LinkPlace, type LinkWeather } from '@vigil/testing';

export type Party = ClusterRoute['from'] | 'database';

/** A link with the two that it joins. */
export interface Route {
  readonly from: Party;
  readonly to: Party;
  readonly link: FaultyLink;
}

/** Every way of services to brokers and to the database, and of brokers among themselves. */
export interface Network {
  readonly openRoute: OpenRoute;
  openDatabase(port: number): Promise<LinkPlace>;
  routes(matches: (route: Route) => boolean): Route[];
  close(): Promise<void>;
}

const host = '127.0.0.1';

export async function openNetwork(): Promise<Network> {
  const routes: Route[] = [];
  return {
    async openRoute({ from, to, host: at, port }) {
      routes.push({ from, to, link: await createFaultyLink({ listen: { host: at, port }, target: { host, port } }) });
    },
    async openDatabase(port) {
      const link = await createFaultyLink({ listen: { host, port: 0 }, target: { host, port } });
      routes.push({ from: 'services', to: 'database', link });
      return link.address;
    },
    routes: (matches) => routes.filter(matches),
    close: async () => void (await Promise.all(routes.map(({ link }) => link.close()))),
  };
}

const heldBy = (routes: readonly Route[]): number => routes.reduce((sum, { link }) => sum + link.counts().heldBytes, 0);
const carriedBy = (routes: readonly Route[]): number => routes.reduce((sum, { link }) => sum + link.counts().carriedBytes, 0);

export interface Passage {
  /** Bytes that came while nothing was let through. */
  readonly heldBytes: number;
  /** Bytes that came through. */
  readonly carriedBytes: number;
}

/** Changes the weather of some routes for as long as `work` takes; whatever happens, it clears again. */
export async function under(weather: LinkWeather, routes: readonly Route[], work: () => Promise<unknown>): Promise<Passage> {
  if (routes.length === 0) throw new Error('No such route: this fault needs a fleet behind links, and some of them three brokers.');
  const [held, carried] = [heldBy(routes), carriedBy(routes)];
  for (const { link } of routes) link.change(weather);
  try {
    await work();
    return { heldBytes: heldBy(routes) - held, carriedBytes: carriedBy(routes) - carried };
  } finally {
    for (const { link } of routes) link.change({ kind: 'clear' });
  }
}
