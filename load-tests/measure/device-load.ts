import type { IdempotentProducer } from '@vigil/kafka';
import { partitionOf } from '@vigil/kafka';
import { topics } from '@vigil/contracts';
import { setTimeout as sleep } from 'node:timers/promises';

export interface LoadCounts {
  /** Items that were due. */
  offered: number;
  /** Acknowledged. */
  admitted: number;
  /** Answered 429. */
  refused: number;
  /** Answered 503. */
  unavailable: number;
  /** Cut off, or answered otherwise: none should be. */
  unanswered: number;
  /** Never sent: the sender had as many requests open as it opens at once. Its own limit, not the gateway's. */
  unsent: number;
}

export const noCounts = (): LoadCounts => ({ offered: 0, admitted: 0, refused: 0, unavailable: 0, unanswered: 0, unsent: 0 });

export const itemsPerRequest = 250;
/** Ten seconds of what a machine of this size carries: an answer that takes longer is the gateway's time-out. */
const mostOpen = 512;
const sliceMs = 50;
const placeholder = '2000-01-01T00:00:00.000Z';
const topic = topics.vitalsReadingReceived.name;
const partitions = 4;

interface Template {
  readonly key: string;
  readonly text: string;
}

/** Healthy monitors: nothing of theirs is beyond a critical limit, so nothing of theirs goes ahead of the others. */
const templates: readonly Template[] = Array.from({ length: 4_000 }, (_, index) => {
  const key = `MONITOR_LOAD_${index}`;
  const message = {
    device_id: key,
    patient_id: `PAT_LOAD_${index}`,
    timestamp: placeholder,
    measurements: {
      heart_rate: 70 + (index % 12),
      blood_pressure: { systolic: 118 + (index % 9), diastolic: 76 },
      temperature: 98.4,
      oxygen_saturation: 97,
      respiratory_rate: 14,
    },
    supplemental_oxygen: false,
    consciousness: 'A',
    device_status: 'NORMAL',
    device_class: 'bedside-monitor',
    device_model: 'VM-200',
    location: { hospital: 'General Hospital', ward: 'ICU', room: '1A' },
  };
  return { key, text: JSON.stringify(message) };
});

/** Bytes of one reading on the wire. */
export const readingBytes = templates[0]?.text.length ?? 0;

let nextDevice = 0;
let lastMs = 0;

/** The readings of the next devices in turn; no device sends two at one millisecond. */
function nextReadings(count: number): { readonly key: string; readonly text: string }[] {
  const readings = [];
  for (let item = 0; item < count; item++) {
    if (nextDevice % templates.length === 0) lastMs = Math.max(Date.now(), lastMs + 1);
    const { key, text } = templates[nextDevice++ % templates.length] as Template;
    readings.push({ key, text: text.replace(placeholder, new Date(lastMs).toISOString()) });
  }
  return readings;
}

export interface Gateway {
  readonly url: string;
  readonly apiKey: string;
}

/** One request; answers status and seconds to wait. Status 0 = no answer. */
export async function post(
  { url, apiKey }: Gateway,
  body: string,
): Promise<{ readonly status: number; readonly retryAfterSeconds: number }> {
  try {
    const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/x-ndjson' };
    const response = await fetch(`${url}/v1/readings`, { method: 'POST', headers, body });
    await response.arrayBuffer();
    return { status: response.status, retryAfterSeconds: Number(response.headers.get('retry-after') ?? 1) };
  } catch {
    return { status: 0, retryAfterSeconds: 1 };
  }
}

async function postBatch(gateway: Gateway, counts: LoadCounts): Promise<number> {
  const body = nextReadings(itemsPerRequest)
    .map(({ text }) => text)
    .join('\n');
  const { status } = await post(gateway, body);
  if (status === 202) counts.admitted += itemsPerRequest;
  else if (status === 429) counts.refused += itemsPerRequest;
  else if (status === 503) counts.unavailable += itemsPerRequest;
  else counts.unanswered += itemsPerRequest;
  return status;
}

/** As fast as the gateway takes it, eight requests at once: what the machine can carry. */
export async function loadClosed(gateway: Gateway, seconds: number, counts: LoadCounts): Promise<void> {
  const until = Date.now() + seconds * 1000;
  const work = async (): Promise<void> => {
    while (Date.now() < until) {
      counts.offered += itemsPerRequest;
      if ((await postBatch(gateway, counts)) !== 202) await sleep(sliceMs);
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));
}

/** At a fixed rate, whatever is answered; refused requests are not repeated. */
export async function loadOpen(gateway: Gateway, perSecond: number, seconds: number, counts: LoadCounts): Promise<void> {
  const startMs = Date.now();
  const open = new Set<Promise<unknown>>();
  let due = 0;
  for (let elapsed = 0; elapsed < seconds * 1000; elapsed = Date.now() - startMs) {
    for (due = (perSecond * elapsed) / 1000; counts.offered + itemsPerRequest <= due;) {
      counts.offered += itemsPerRequest;
      if (open.size >= mostOpen) {
        counts.unsent += itemsPerRequest;
        continue;
      }
      const request: Promise<unknown> = postBatch(gateway, counts).finally(() => open.delete(request));
      open.add(request);
    }
    await sleep(sliceMs);
  }
  await Promise.all(open);
}

/** Straight to the topic, as fast as the broker acknowledges under its quota. */
export async function loadTopic(producer: IdempotentProducer, seconds: number, counts: LoadCounts): Promise<void> {
  const until = Date.now() + seconds * 1000;
  while (Date.now() < until) {
    const readings = nextReadings(1_000);
    counts.offered += readings.length;
    await producer.send(
      readings.map(({ key, text }) => {
        const bytes = Buffer.from(key);
        return { topic, partition: partitionOf(bytes, partitions), key: bytes, value: Buffer.from(text), headers: [], timestamp: null };
      }),
    );
    counts.admitted += readings.length;
  }
}
