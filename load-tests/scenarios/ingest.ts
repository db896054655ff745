import { topics } from '@vigil/contracts';
import type { Round } from '../bench-report.ts';
import { deviceMessages } from '../ingest/device-messages.ts';
import { measureDrain } from '../measure/measure-drain.ts';
import { preload } from './preload.ts';

const shape = { patients: 2_000, partitions: 4 };
const topic = topics.vitalsReadingReceived.name;

/** Drain rate of device-ingest: validation, units, plausibility, dedupe, tokens, ledger, quarantine, exactly once. */
export const benchIngest = (records: number): Promise<Round> =>
  measureDrain({ service: 'device-ingest', topic, preload: ({ client }) => preload(client, deviceMessages({ records, ...shape })) });
