import { dlqTopicOf } from '@vigil/contracts';
import { schemaIdOf } from '../codec/wire-format.ts';
import { attemptsFromHeaders, deadLetterHeaders } from '../engine/record-headers.ts';
import type { ProducedRecord } from '../ports/kafka-client.ts';
import type { SinkContext } from './sink-context.ts';
import type { RefusedRecord, SinkSlice } from './sink-target.ts';

/** A refused record on its way to quarantine: exact bytes; the headers say whence and why, never data. */
export function sinkDeadLetterOf(
  { partition, of }: Pick<SinkSlice, 'partition' | 'of'>,
  { record: { raw, origin }, code }: RefusedRecord,
  { spec, settings, stage }: Pick<SinkContext, 'spec' | 'settings'> & { readonly stage: 'decode' | 'write' },
): ProducedRecord {
  return {
    topic: dlqTopicOf(of.name, spec.name),
    partition,
    key: raw.key,
    value: raw.value,
    timestamp: null,
    headers: deadLetterHeaders(raw, {
      origin,
      group: spec.name,
      code,
      stage,
      attempt: attemptsFromHeaders(raw.headers()) + 1,
      schemaId: schemaIdOf(raw.value),
      service: settings.service ?? spec.name,
      serviceVersion: settings.serviceVersion,
    }),
  };
}
