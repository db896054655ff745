import { classifyError, VigilError } from '@vigil/core';
import { systemStageClock } from '../engine/engine-clock.ts';
import { silentObserver, type EngineEvent } from '../engine/engine-observer.ts';
import { defaultEngineSettings } from '../engine/engine-settings.ts';
import type { Stage } from '../engine/stage.ts';
import { createLedgerRelay } from './ledger-relay.ts';
import { findSinkTopics } from './open-queues.ts';
import { createPositionCopier } from './position-copier.ts';
import { createSliceReader } from './read-slice.ts';
import { createSerialSender, type SerialSender } from './serial-sender.ts';
import type { SinkContext } from './sink-context.ts';
import { SinkLoop } from './sink-loop.ts';
import { defaultSinkLimits, type SinkDependencies, type SinkSettings, type SinkSpec } from './sink-spec.ts';

/**
 * Runs a sink: joins the group, takes the assigned partitions over from the positions that `target` holds, and writes
 * what is read in batches until it is drained.
 *
 * Exactly once by the target's fenced transaction. Poison goes to quarantine before the batch that lacks it is written.
 * Dependencies that are away pause it; it refuses to run over a recreated topic or a position outside the log.
 *
 * @throws VigilError TOPIC_MISSING, PARTITION_MISMATCH, or a dependency's failure while starting
 */
export async function runSink(spec: SinkSpec, dependencies: SinkDependencies): Promise<Stage> {
  const { client, registry, target, clock = systemStageClock, observer = silentObserver, random = Math.random } = dependencies;
  const settings: SinkSettings = { ...defaultEngineSettings, ...dependencies.settings };
  const report = (event: object): void => observer.on({ ...event, stage: spec.name } as EngineEvent);

  const topics = await findSinkTopics(spec, client.admin);
  const sender = createSerialSender(client);
  const copier = createPositionCopier();
  const relay = createLedgerRelay({
    target,
    client,
    registry,
    sender,
    onFailed: (error) => report({ type: 'retrying', partition: null, ...classifyError(error), attempt: 1, delayMs: settings.pollMs }),
  });
  const context: SinkContext = {
    spec,
    settings,
    limits: { ...defaultSinkLimits, ...spec.limits },
    topics,
    target,
    client,
    fetcher: await client.openFetcher(),
    reader: createSliceReader({ registry, clock, retryBaseMs: settings.retryBaseMs }),
    clock,
    random,
    report,
    sendToQuarantine: (letters) => sendToQuarantine(sender, letters),
    isStillMember: () => loop.isStillMember(),
    onWritten: (batch) => {
      copier.remember(batch);
      relay.nudge();
    },
    wake: () => loop.wake(),
    fail: (error) => loop.fail(error),
  };
  const loop = new SinkLoop(context, { relay, copier, sender });
  await loop.start();
  return loop;
}

async function sendToQuarantine(sender: SerialSender, letters: Parameters<SerialSender['send']>[0]): Promise<void> {
  try {
    await sender.send(letters);
  } catch (cause) {
    const { kind } = classifyError(cause);
    if (kind === 'dependency' || kind === 'transient') throw cause;
    throw new VigilError('QUARANTINE_WRITE_FAILED', { cause });
  }
}
