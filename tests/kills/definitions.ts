/** The workflows of the plays. A name of its own each time: no play sees runs of another. */

/** Every kind of work: files into a topic, a report kept and published, a failure, a wait, a run of its own. */
export const filesWorkflow = (name: string): string => `
name: ${name}
tasks:
  - {name: extract, type: batch, source: kills_drop, file_pattern: "visits_${name}.csv"}
  - {name: rest, type: wait, duration: 1s}
  - {name: unknown, type: business_logic, function: nobody_knows, on_failure: continue}
  - {name: report, type: transformation, function: report_retention, depends_on: [extract, rest, unknown]}
  - {name: publish, type: output, destination: regulatory_reports, depends_on: [report], parameters: {format: json}}
  - {name: child, type: workflow, workflow: kills_child, depends_on: [extract]}
`;

export const childWorkflow = `
name: kills_child
tasks:
  - {name: rest, type: wait, duration: 500ms}
`;

const approval = (name: string, after?: string): string =>
  `  - {name: ${name}, type: approval, approvers: [ann], message: "Go on?"${after === undefined ? '' : `, depends_on: [${after}]`}}`;
const note = (after: string): string => `  - {name: note, type: transformation, function: report_retention, depends_on: [${after}]}`;

/** A person approves, declines, and goes on with a version in which nobody is asked a second time. */
export const peopleWorkflow = (name: string): string =>
  ['', `name: ${name}`, 'tasks:', approval('ask'), approval('refuse', 'ask'), note('refuse'), ''].join('\n');
export const mendedPeopleWorkflow = (name: string): string => ['', `name: ${name}`, 'tasks:', approval('ask'), note('ask'), ''].join('\n');

/** A stage of a stream, which never ends by itself. */
export const stageWorkflow = (name: string): string => `
name: ${name}
schedule: {type: continuous, interval: 1s}
tasks:
  - {name: ingest, type: streaming, source: medical_devices}
`;

export const tickMs = 2000;

/** Nothing that was missed is left out. */
export const tickWorkflow = (name: string): string => `
name: ${name}
schedule: {type: interval, every: 2s, catch_up: {all: {max: 1000, window: 1h}}, overlap: allow}
tasks:
  - {name: rest, type: wait, duration: 100ms}
`;

export const sources = `
sources:
  kills_drop:
    kind: local
    records: visits
    address: {env: KILLS_DROP}
    format: csv
    ready: {rule: rename}
`;

export const pools = `
pools:
  default: {slots: 8, cpu: 8, memory: 8GiB, io: 16}
  batch: {slots: 8, cpu: 8, memory: 8GiB, io: 16}
  stream: {slots: 64, cpu: 8, memory: 8GiB, io: 64}
`;
