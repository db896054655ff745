/** A program of the fleet as `vigil up` and `vigil run` start it. */
export interface FleetPart {
  readonly name: string;
  /** Relative to the root of the repository. */
  readonly main: string;
  readonly args: readonly string[];
  /** Names of the ports it listens on; the first is that of metrics and health. */
  readonly ports: readonly [string, ...string[]];
  /** Answers 200 once the program does its work. */
  readonly readyPath: string;
  /** Added to the niceness of the process: where all share one machine, a page goes before a warehouse row. */
  readonly niceness: number;
  /** `provider`: the stand-in for PagerDuty, Slack and mail; not a service of the product. */
  readonly role: 'service' | 'provider';
}

interface ServiceOptions {
  /** Folder of `services/`; absent = the name before its first dot. */
  readonly folder?: string;
  readonly args?: readonly string[];
  readonly ports?: readonly string[];
  readonly niceness?: number;
}

/** What no page waits for. */
const background = 10;

const service = (
  name: string,
  { folder = name.split('.')[0] ?? name, args = [], ports = [], niceness = 0 }: ServiceOptions = {},
): FleetPart => ({
  name,
  main: `services/${folder}/src/main.ts`,
  args,
  ports: [`${name}.admin`, ...ports],
  readyPath: '/health/ready',
  niceness,
  role: 'service',
});

const loader = (target: string): FleetPart => service(`warehouse-loader.${target}`, { args: ['--target', target], niceness: background });

/** A worker of the orchestrator. On one machine a process serves several pools: each costs as much memory as a service. */
const worker = (name: string, pools: string, niceness = 0): FleetPart =>
  service(`orchestrator-worker.${name}`, { folder: 'orchestrator', args: ['worker', '--pool', pools], niceness });

/** The programs that make the fleet, in the order in which they are started; they are stopped in the opposite one. */
export const fleet: readonly FleetPart[] = [
  {
    name: 'providers',
    main: 'packages/testing/src/providers/main.ts',
    args: [],
    ports: ['pager', 'smtp'],
    readyPath: '/health',
    niceness: 0,
    role: 'provider',
  },
  loader('warehouse'),
  loader('operational'),
  loader('lake'),
  loader('archive'),
  service('orchestrator', { ports: ['orchestrator.api'] }),
  worker('default', 'default,stream'),
  worker('batch', 'batch', background),
  service('alert-router', { ports: ['alert-router.webhook'] }),
  service('deidentifier', { niceness: background }),
  service('claims-validator', { niceness: background }),
  service('vitals-windowing'),
  service('device-ingest', { ports: ['gateway'] }),
];
