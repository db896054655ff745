import { afterAll, expect, test } from '@jest/globals';
import { createFaultyLink, type FaultyLink } from '@vigil/testing';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endProcess } from '../end-process.ts';
import { stackPaths } from '../paths.ts';
import { kafkaAnswers } from '../probes.ts';
import { isRunning } from '../process-identity.ts';
import { clusterSettings, startCluster, type Cluster, type ClusterNode } from './start-cluster.ts';

const home = mkdtempSync(join(tmpdir(), 'vigil-cluster-'));
let cluster: Cluster | undefined;
afterAll(async () => {
  await cluster?.stop();
  rmSync(home, { recursive: true, force: true });
}, 60_000);

const node: ClusterNode = { id: 2, port: 1, controllerPort: 3, servicesPort: 4, peersPort: 5, dataDirectory: '/d', isRouted: false };
const inForce = (settings: string): Map<string, string> =>
  new Map(
    settings
      .trim()
      .split('\n')
      .map((line) => line.split('=', 2) as [string, string]),
  );

test('a setting that a single broker has too is in force as the cluster needs it', () => {
  const settings = inForce(clusterSettings(node, '1@a,2@b,3@c'));

  expect(settings.get('node.id')).toBe('2');
  expect(settings.get('controller.quorum.voters')).toBe('1@a,2@b,3@c');
  expect(settings.get('offsets.topic.replication.factor')).toBe('3');
  expect(settings.get('min.insync.replicas')).toBe('2');
});

test('behind routes the brokers call each other by name, and others by an address of their own', () => {
  const settings = inForce(clusterSettings({ ...node, isRouted: true }, '1@a'));

  expect(settings.get('inter.broker.listener.name')).toBe('PEERS');
  expect(settings.get('advertised.listeners')).toBe(
    'PLAINTEXT://127.0.0.1:1,SERVICES://127.0.100.2:4,PEERS://broker-2:5,CONTROLLER://broker-2:3',
  );
});

test('a broker that was killed comes back on its port', async () => {
  cluster = await startCluster({ paths: stackPaths({ ...process.env, VIGIL_HOME: home }) });
  const [first] = cluster.brokers.split(',');
  const before = cluster.process(1);
  await endProcess(before, { signal: 'SIGKILL' });
  expect(isRunning(before)).toBe(false);

  await cluster.start(1);

  expect(cluster.process(1).pid).not.toBe(before.pid);
  expect(await kafkaAnswers(Number(first?.split(':')[1]))).toBe(true);
  expect(() => cluster?.process(4)).toThrow(RangeError);
}, 240_000);

test('brokers that an interrupted run left are ended; all of their traffic takes the routes', async () => {
  const left = cluster as Cluster;
  const links = new Map<string, FaultyLink>();
  const paths = stackPaths({ ...process.env, VIGIL_HOME: home });
  cluster = await startCluster({
    paths,
    openRoute: async ({ from, to, host, port }) => {
      const link = await createFaultyLink({ listen: { host, port }, target: { host: '127.0.0.1', port } });
      links.set(`${from} → ${to} ${port}`, link);
    },
  });
  expect(left.ids.map((id) => isRunning(left.process(id)))).toEqual([false, false, false]);
  const carried = [...links].filter(([, link]) => link.counts().carriedBytes > 0).map(([name]) => name.slice(0, 5));
  // Followers ask the leading controller; which one that is differs.
  expect(carried.length).toBeGreaterThan(1);
  expect(cluster.servicesBrokers.split(',')[0]).toMatch(/^127\.0\.100\.1:/);

  await cluster.stop();
  for (const link of links.values()) await link.close();
  expect(cluster.ids.map((id) => isRunning(cluster!.process(id)))).toEqual([false, false, false]);
}, 240_000);
