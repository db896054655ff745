import { topics } from '@vigil/contracts';
import { valueSubjectOf } from '@vigil/kafka';
import { poisonCorpus } from '@vigil/testing';
import { runningPart, until } from '../world.ts';
import type { Fault } from './fault.ts';

const { name: topic, schema } = topics.vitalsReadingReceived;

/** F14: bytes that have stopped decoders, among readings; none may stop or restart the service. */
export const poison: Fault = {
  id: 'F14',
  title: 'the poison corpus among the readings',
  inject: async ({ world, sendBesides }) => {
    const before = runningPart(world, 'device-ingest');
    const run = Date.now().toString(36);
    let schemaId = 0;
    // It may be away by another fault of a mix.
    await until('the registry tells a schema’s id', async () => (schemaId = await world.registry.idOf(valueSubjectOf(topic), schema)) > 0);
    const corpus = poisonCorpus(schemaId);
    await sendBesides(
      corpus.map(({ name, bytes }, index) => ({
        id: `poison ${index}, ${name}!`,
        kind: 'malformed',
        key: `MON_POISON_${run}_${index}`,
        value: bytes,
        critical: false,
      })),
    );
    const after = runningPart(world, 'device-ingest');
    if (after.pid !== before.pid) throw new Error('device-ingest ended while it was sent poison.');
    return [`${corpus.length} poison records sent`];
  },
};
