import { topics, type TroubleRaised } from '@vigil/contracts';
import { createValueEncoder, valueSubjectOf } from '@vigil/kafka';
import { stageWorkflow } from '../definitions.ts';
import { deploy, type Ground } from '../ground.ts';
import { disable, order } from './orders.ts';
import { differs, type Play } from './play.ts';
import { doubled, endsAs, inputsOf, leftOver, runsOf, tasksOf, type TaskRow } from './run-rows.ts';
import { until } from './until.ts';

/** The watch of the fleet, which is not there, would say this of a stage that stands still. */
async function tellHalted({ client, registry }: Ground): Promise<void> {
  const { name, schema } = topics.troubleRaised;
  const encode = createValueEncoder(schema, await registry.idOf(valueSubjectOf(name), schema));
  const trouble: TroubleRaised = {
    troubleId: 'kills',
    change: 'raised',
    kind: 'stage-halted',
    severity: 'warning',
    stage: 'device-ingest',
    topic: '',
    partition: null,
    offset: null,
    code: '',
    counts: {},
    detectedAt: Date.now(),
    clearedAt: null,
  };
  const producer = await client.openIdempotentProducer();
  await producer.send([{ topic: name, partition: 0, key: Buffer.from('kills'), value: encode(trouble), headers: [], timestamp: null }]);
  await producer.close();
}

const stageUp = (ground: Ground, runId: string, isUp: (task: TaskRow) => boolean): Promise<TaskRow> =>
  until('the stage is up and tells how it is', async () => {
    const [task] = await tasksOf(ground, runId);
    return task?.state === 'running' && task.health !== null && isUp(task) ? task : undefined;
  });

/** A run that never ends by itself. @param meanwhile  once its stage is up */
const playStageWith =
  (meanwhile: (ground: Ground, runId: string, task: TaskRow) => Promise<unknown>): Play =>
  async (ground, name) => {
    await tellHalted(ground);
    await deploy(ground, stageWorkflow(name));
    const [run] = await until('its run is there', async () => {
      const runs = await runsOf(ground, name);
      return runs.length > 0 ? runs : undefined;
    });
    const runId = run?.runId ?? '';
    await meanwhile(ground, runId, await stageUp(ground, runId, () => true));
    await disable(ground, name);
    await order(ground, runId, { path: 'cancel', kind: 'cancel' });
    await endsAs(ground, runId, 'cancelled');
    const { requested, cancel } = await inputsOf(ground, runId);
    return [
      ...differs('runs', (await runsOf(ground, name)).length, 1),
      ...differs('inputs that count', { requested, cancel }, { requested: 1, cancel: 1 }),
      ...(await doubled(ground, runId)),
      ...(await leftOver(ground, [runId])),
    ];
  };

/** Long enough for a heartbeat, of which a lease has four. */
const beatMs = 2500;

export const playStage: Play = playStageWith(() => new Promise((resolve) => setTimeout(resolve, beatMs)));

/** Its worker dies: the lease ends, and the same stage is asked for under another epoch. */
export const playOrphan: Play = playStageWith(async (ground, runId, { epoch }) => {
  ground.kill('worker');
  await stageUp(ground, runId, (task) => task.epoch > epoch);
});
