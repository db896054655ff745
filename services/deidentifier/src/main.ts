import { runTopology } from '@vigil/kafka';
import { runService } from '@vigil/runtime';
import { loadDeviceWords } from './adapters/load-device-words.ts';
import { loadRestrictedZip3 } from './adapters/load-restricted-zip3.ts';
import { watchSchemas } from './adapters/watch-schemas.ts';
import { defaultDeviceWordsFile, defaultZip3File, settings } from './config.ts';
import { events } from './events.ts';
import { openDatasets } from './open-datasets.ts';
import { createTopology, groupOf, plans } from './topology.ts';

await runService({ name: 'deidentifier', settings, events }, async (service) => {
  const { settings, keys, client, events, observer, engine, supervise } = service;
  const { version, restricted } = loadRestrictedZip3(settings.zip3File ?? defaultZip3File);
  const { words: deviceWords } = loadDeviceWords(settings.deviceWordsFile ?? defaultDeviceWordsFile);
  const datasets = openDatasets(keys, settings);
  const topology = createTopology({ mode: settings.mode, datasets, rules: { restrictedZip3: restricted, deviceWords } });
  const registry = watchSchemas(service.registry, plans, events.fieldWithoutRule);
  const stage = await runTopology(topology, { client, registry, observer, settings: engine });
  supervise(groupOf(settings.mode), stage);
  events.datasetOpened({ mode: settings.mode, key: keys.dataset.id, dualKey: datasets.previous !== null, zip3Version: version });
});
