import { loadTables, type LoadColumn } from '../workflow/load-tables.ts';
import { fieldTable } from './field-table.ts';
import { jsonSchemas, type JsonSchema } from './json-schemas.ts';

const optionsOf = (schema: JsonSchema | undefined): readonly JsonSchema[] => schema?.oneOf ?? schema?.anyOf ?? [];

/** Fields that every alternative has, with the same meaning. */
function sharedFields(options: readonly JsonSchema[]): string[] {
  const [first, ...others] = options;
  return Object.entries(first?.properties ?? {})
    .filter(([name, field]) => others.every(({ properties = {} }) => JSON.stringify(properties[name]) === JSON.stringify(field)))
    .map(([name]) => name);
}

function alternatives(
  options: readonly JsonSchema[],
  by: string,
  without: readonly string[],
  meanings: Readonly<Record<string, string>>,
): string {
  return options
    .map((option) => {
      const name = String(option.properties?.[by]?.const);
      return `### \`${by}: ${name}\`\n\n${meanings[name] ?? ''}\n\n${fieldTable(option, [by, ...without])}`;
    })
    .join('\n');
}

const only = (schema: JsonSchema | undefined, names: readonly string[]): JsonSchema => ({
  properties: Object.fromEntries(Object.entries(schema?.properties ?? {}).filter(([name]) => names.includes(name))),
  required: schema?.required ?? [],
});

const taskMeanings = {
  streaming:
    'Takes in a stream. Done when the ledger of the first stage balances for the run; in a continuous workflow it tells the health of that stage.',
  batch:
    'Extracts files or rows of a source into topics, or rows of files into a table of the warehouse (`destination`). In a continuous workflow a table of kind `cdc` is followed without end. Pool `batch`.',
  validation:
    '`rules` are those of the stage that validates claims; `quality` is a limit of the score of what came before. At least one of them.',
  transformation:
    'A stage of the stream (`anomaly_detection`, or enrichment), or work of its own in pool `default`: `sql_…` and `report_…` functions.',
  business_logic: '`coverage_calculator` is a stage of the stream; any other function is work of pool `default`.',
  alerting: 'How long each kind of anomaly must last before it is raised: `immediate` or `5min_delay`.',
  storage: 'Done when what the run started stands at the destination.',
  output: '`claims_processing_system` is a stage of the stream; any other destination is written by pool `default`.',
  workflow: 'Runs another workflow and ends as it ends.',
  approval: 'Waits for a person. No worker takes part.',
  wait: 'Waits. No worker takes part. Either `duration` or `until`.',
} as const;

const scheduleMeanings = {
  continuous: 'One run that does not end; it is started whenever there is none.',
  cron: 'At times of a clock on the wall. Semantics of `timezone`, `dst`, `catch_up` and `overlap`: [ADR 23](../adr/0023-calendar-and-catch-up.md).',
  interval: 'At multiples since the epoch.',
  event: 'When a record of a topic matches.',
  file: 'When a file of a source is whole.',
  upstream: 'When another workflow ends.',
  manual: 'Only by a person or the API; the same as no schedule.',
} as const;

const sourceMeanings = {
  local: 'A folder.',
  sftp: 'SFTP.',
  s3: 'A bucket of an S3-compatible store.',
  http: 'An HTTP API, by pages.',
  sql: 'Tables of a PostgreSQL database, by increments.',
  cdc: 'Tables of a PostgreSQL database, followed by logical replication.',
  stream: 'A topic that others publish to.',
} as const;

const conditionText = `A condition compares one thing with one value: \`extract.counts.written > 0\`, \`extract.status == 'succeeded'\`,
\`parameters.full == true\`. Its left side is a task that this one depends on directly (\`status\`, \`counts\`, \`values\`), or
\`parameters\`; operators are \`==\`, \`!=\`, \`<\`, \`<=\`, \`>\`, \`>=\`; its right side a number, \`true\`, \`false\` or a quoted text.

Within \`parameters\` of a task \`\${parameters.name}\` stands for a parameter of the run. Once a workflow declares parameters,
conditions and references may name no others.`;

const limitsText = `A text has at most 1 MiB, 40 levels, 100,000 values and 1,000 tasks. Unknown fields, repeated keys, circles and unknown tasks
are errors, all told at once (the first hundred) as \`file:line:column path: message\`. Lines may end in LF or CRLF: the hash of a
version is that of its text with LF and without a byte-order mark.`;

const typeText = (column: LoadColumn): string =>
  column.type === 'text' ? `text (${column.mostCharacters.toLocaleString('en')})` : column.type;

/** Each column with its type; those without which a row is rejected in bold. */
function loadTablesText(): string {
  const lines = Object.entries(loadTables).map(([name, { columns }]) => {
    const written = Object.entries(columns).map(
      ([field, column]) => `${column.required ? `**\`${field}\`**` : `\`${field}\``} ${typeText(column)}`,
    );
    return `| \`${name}\` | ${written.join(', ')} |`;
  });
  const about =
    'Columns in bold are required: a row without them is rejected, as is one whose text has more characters than stand beside it. Beside them each row has `src_file` and `src_line`.';
  return [about, '', '| table | columns |', '| --- | --- |', ...lines].join('\n');
}

/** docs/reference/workflow-definition.md */
export function workflowReference(): string {
  const { workflow, template, schedules, sources, pools } = jsonSchemas();
  const tasks = optionsOf(workflow?.properties?.tasks?.items);
  const scheduleTypes = optionsOf(workflow?.properties?.schedule);
  const kinds = optionsOf(sources?.properties?.sources?.additionalProperties as JsonSchema);
  const worked = ['retry', 'fan_out', 'pool', 'weight', 'fallback_action'];
  const shared = sharedFields(tasks);
  const ofSources = sharedFields(kinds);
  return [
    '# Workflow definitions',
    'Generated from the schemas of `packages/definitions` by `node scripts/generate.ts`. The same as JSON Schema, for editors:\n`workflows/schema/*.schema.json`.',
    limitsText,
    '## Workflow: `workflows/definitions/*.yaml`',
    fieldTable(workflow ?? {}, ['schedule']),
    'Times are written as `500ms`, `30s`, `5min`, `2h`, `1d`; sizes as `512MiB`, `2GiB`.',
    '## Tasks',
    'Every task has:',
    fieldTable(only(tasks[0], shared)),
    'Every task that a worker runs has also (of `workflow` only `retry` and `fan_out`):',
    fieldTable(only(tasks[0], worked)),
    conditionText,
    alternatives(tasks, 'type', [...shared, ...worked], taskMeanings),
    '### Tables that files go into: `destination` of a task of type `batch`',
    loadTablesText(),
    '## Schedules: `schedule`, `schedules`, and `workflows/schedules/*.yaml`',
    alternatives(scheduleTypes, 'type', [], scheduleMeanings),
    'An entry of `workflows/schedules/*.yaml`:',
    fieldTable(schedules?.properties?.schedules?.items ?? {}),
    '## Templates: `workflows/templates/*.yaml`',
    'A definition with `template: name` and `with: {…}` takes its fields from the template; its own fields go before them, and its own\ntasks come behind those of the template. What is deployed is the whole, so a later change of the template changes no version.',
    fieldTable(template ?? {}),
    '## Sources: `workflows/sources.yaml`',
    'Addresses and credentials are references: `{env: NAME}` or `{file: PATH}`. Every source has:',
    fieldTable(only(kinds[0], ofSources)),
    alternatives(kinds, 'kind', ofSources, sourceMeanings),
    '## Pools: `workflows/pools.yaml`',
    fieldTable(pools?.properties?.pools?.properties?.default ?? {}),
  ]
    .map((part) => part.trim())
    .join('\n\n')
    .concat('\n');
}
