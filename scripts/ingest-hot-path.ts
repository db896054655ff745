/**
 * `node scripts/ingest-hot-path.ts [--records N] [--patients N] [--partitions N] [--profile DIR]`
 *
 * CPU time of device-ingest without a broker: device messages as a broker would answer them, through the lean decoder, the
 * engine and the real topology; what a commit would write is encoded and dropped. The counterpart of `hot-path.ts`.
 */
import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { topics } from '@vigil/contracts';
import { createMemoryRegistry, partitionOf } from '@vigil/kafka';
import { deviceMessages } from '../load-tests/ingest/device-messages.ts';
import { createTopology } from '../services/device-ingest/src/topology.ts';
import { drainWithoutBroker } from './drain-without-broker.ts';

const { values } = parseArgs({
  options: {
    records: { type: 'string', default: '500000' },
    patients: { type: 'string', default: '2000' },
    partitions: { type: 'string', default: '4' },
    profile: { type: 'string' },
  },
});
const [records, patients, partitions] = [values.records, values.patients, values.partitions].map(Number) as [number, number, number];
const key = { id: 'k1', secret: Buffer.alloc(32, 7) };

const topology = createTopology({
  tokenKey: key,
  dataKey: key,
  random: randomBytes,
  historicAfterMs: 900_000,
  partitionOfDevice: (deviceId) => partitionOf(Buffer.from(deviceId, 'utf8'), partitions),
  observer: { excluded: () => undefined, flagged: () => undefined, misplaced: () => undefined },
});
const drained = await drainWithoutBroker({
  topology,
  registry: createMemoryRegistry(),
  input: topics.vitalsReadingReceived.name,
  records: deviceMessages({ records, patients, partitions }),
  count: records,
  partitions,
  profile: values.profile,
});
console.log(JSON.stringify({ records, patients, ...drained }));
