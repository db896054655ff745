import { defineEvents, event, field } from '@vigil/runtime';

export const events = defineEvents('deidentifier', {
  fieldWithoutRule: event({
    level: 'warn',
    message: 'a field has no de-identification rule: it is dropped until it has one',
    fields: { record: field.ownName(), field: field.ownName() },
    metric: {
      kind: 'counter',
      name: 'vigil_deidentifier_fields_without_rule_total',
      help: 'Fields of newer schemas that are dropped because they have no rule yet; each is counted once per process.',
      labels: ['record', 'field'],
    },
  }),
  datasetOpened: event({
    level: 'info',
    message: 'the dataset is opened',
    fields: { mode: field.oneOf('safe-harbor', 'date-shift'), key: field.ownName(), dualKey: field.flag(), zip3Version: field.count() },
  }),
});
