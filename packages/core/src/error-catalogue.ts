/**
 * How a failure is reacted to.
 *
 * - `poison`      quarantine now, the partition advances
 * - `transient`   retry in place with full jitter
 * - `dependency`  pause the partition, keep polling; never quarantine
 * - `auth`        halt and page: credentials or permissions
 * - `config`      refuse to start, exit 78
 * - `fenced`      another owner took over: drop the assignment
 * - `fatal`       unknown: crash uncommitted
 * - `usage`       the caller's mistake (command line, HTTP request)
 */
export type ErrorKind = 'poison' | 'transient' | 'dependency' | 'auth' | 'config' | 'fenced' | 'fatal' | 'usage';

export interface CatalogueEntry {
  readonly kind: ErrorKind;
  /** What happened, in one sentence without data. */
  readonly what: string;
  /** What the reader of the message should do. */
  readonly action: string;
}

const entry = (kind: ErrorKind, what: string, action: string): CatalogueEntry => ({ kind, what, action });

/** Every failure that Vigil names. `docs/reference/errors.md` is generated from it. */
export const errorCatalogue = {
  // Bytes and shapes: a record that cannot be read
  EMPTY_VALUE: entry('poison', 'The record has no value.', 'Send a value; tombstones are only read on compacted topics.'),
  NOT_JSON: entry('poison', 'The value is not JSON.', 'Send one JSON object in UTF-8.'),
  INVALID_UTF8: entry('poison', 'The value is not valid UTF-8.', 'Encode the message as UTF-8 without a byte-order mark.'),
  BAD_SHAPE: entry(
    'poison',
    'The message does not have the documented shape.',
    'Compare the message with docs/guides/publish-from-a-device.md.',
  ),
  MESSAGE_TOO_LARGE: entry('poison', 'The message is larger than the topic takes.', 'Keep a message below 4 MB; split it.'),
  UNKNOWN_SCHEMA_ID: entry('poison', 'The schema id is not in the registry.', 'Register the schema first, then send the record again.'),
  SCHEMA_MISMATCH: entry(
    'poison',
    'The writer schema cannot be read as the topic’s schema.',
    'Use a compatible schema: vigil schemas check.',
  ),
  MALFORMED_AVRO: entry('poison', 'The Avro bytes do not match their schema.', 'Compare encoder and schema id of the producer.'),
  UNSAFE_AVRO: entry('poison', 'The Avro bytes declare more items than they can hold.', 'Treat the producer as broken or hostile.'),
  // Content: a record that reads well and cannot be meant
  MISSING_ID: entry('poison', 'A required identifier is missing or empty.', 'Send device_id and patient_id.'),
  BAD_ID: entry('poison', 'An identifier is too long or holds control characters.', 'Use 1 to 128 printable characters.'),
  BAD_TIMESTAMP: entry('poison', 'The timestamp is not RFC 3339 with a zone.', 'Send for example 2024-03-15T14:30:00Z.'),
  TIMESTAMP_AHEAD: entry('poison', 'The timestamp is more than 5 minutes ahead of the arrival.', 'Set the device’s clock.'),
  NO_USABLE_FIELD: entry('poison', 'No measurement of the message is usable.', 'See the codes of the excluded fields.'),
  BAD_BIRTH_DATE: entry('poison', 'The birth date is not a calendar date in the past.', 'Send YYYY-MM-DD.'),
  MISSING_CLAIM_ID: entry('poison', 'The claim has no identifier.', 'Send claim_id (X12: CLM01): 1 to 128 printable characters.'),
  MALFORMED_CLAIM: entry(
    'poison',
    'The claim cannot be read in the format it says it has.',
    'Compare it with docs/guides/submit-claims.md; send it again after the fix.',
  ),
  REVIEW_UNKNOWN: entry(
    'poison',
    'A review decision is about a review that is not known.',
    'Compare it with vigil claims review list; requeue it when the claim was pended later.',
  ),
  BAD_REVIEW: entry(
    'poison',
    'A review decision is neither release nor deny, or denies without a group and reason code.',
    'Decide again with vigil claims review decide.',
  ),
  ROW_REFUSED: entry(
    'poison',
    'PostgreSQL refuses a value of the record.',
    'Compare the record with the table’s constraints; requeue after the fix.',
  ),
  DEID_RULE_FAILED: entry(
    'poison',
    'A de-identification rule could not be applied; nothing of the record left.',
    'Compare the record with its schema’s deid rules; requeue after the fix.',
  ),
  // Rows of files and tables: what a mapper rejects
  MISSING_FIELD: entry('poison', 'A required column is missing or empty.', 'See the columns in docs/guides/add-a-source.md.'),
  BAD_DATE: entry('poison', 'A date is not a calendar day, or lies in the future.', 'Send YYYY-MM-DD.'),
  BAD_CODE: entry('poison', 'A code does not have the form of its code set.', 'Send ICD-10-CM codes, with or without the dot.'),
  BAD_NUMBER: entry('poison', 'A number is none, too large or too precise for its column.', 'Compare it with the type of the column.'),
  TEXT_TOO_LONG: entry('poison', 'A text is longer than its column takes.', 'See the columns in docs/reference/workflow-definition.md.'),
  BAD_STATUS: entry('poison', 'A status is not one of the known ones.', 'Send completed, ongoing, withdrawn, lost or other.'),
  // Reports
  NO_REPORT: entry('poison', 'There is no report to publish.', 'Let the workflow make one before it publishes.'),
  // Files and interchanges: what the splitter rejects (X12 beyond these: the codes of TA1 and 999)
  UNKNOWN_FORMAT: entry('usage', 'The file is neither JSON, X12 nor RIF.', 'See docs/guides/submit-claims.md for the formats.'),
  NOT_A_CLAIM: entry('usage', 'The file or the item holds no claim.', 'Send claims only; see docs/guides/submit-claims.md.'),
  BAD_ARCHIVE: entry('usage', 'The gzip or zip is damaged, encrypted or breaks off.', 'Pack and send it again.'),
  UNREADABLE_FILE: entry('usage', 'A file cannot be read.', 'Check its path and rights; the other files were sent.'),
  X12_NO_ENVELOPE: entry('usage', 'No interchange begins where one should.', 'Begin the file with an ISA segment.'),
  X12_BAD_ENVELOPE: entry('usage', 'The ISA segment does not hold its 16 elements.', 'Write ISA with fixed widths, 106 characters.'),
  // Files of a source: what becomes of a whole file
  UNSAFE_FILE_NAME: entry(
    'poison',
    'The name of a file leads out of its folder or holds control characters.',
    'Have it sent again under a plain name.',
  ),
  FILE_PATH_TOO_LONG: entry('poison', 'The path of a file is too long, or holds a NUL.', 'Have it sent under a shorter one.'),
  FILE_NAME_NOT_UTF8: entry(
    'poison',
    'The name of a file, or of its folder, is not UTF-8.',
    'Have it renamed where it lies, then it is taken.',
  ),
  FILE_TOO_LARGE: entry('poison', 'The file is larger than its source allows.', 'Have it sent in parts, or raise the limit of the source.'),
  QUARANTINED_BY_HAND: entry('usage', 'A person took the file out.', 'See the reason; vigil files requeue ID puts it back.'),
  EMPTY_FILE: entry('poison', 'The file holds nothing.', 'Have it sent again, or leave it: an empty file is never loaded.'),
  FILE_NOT_AS_ANNOUNCED: entry(
    'poison',
    'The file is not what its manifest says: size, hash or number of records differ.',
    'Have file and manifest sent again.',
  ),
  BAD_MANIFEST: entry('poison', 'The manifest of a file cannot be read.', 'See docs/guides/add-a-source.md for its form.'),
  BAD_ENCODING: entry(
    'poison',
    'The file holds bytes that are not of its encoding.',
    'Declare the encoding of the source, or have it sent again.',
  ),
  MISSING_COLUMN: entry('poison', 'The header of the file lacks a column.', 'Compare it with the columns of the source’s definition.'),
  BAD_CSV: entry('poison', 'The file cannot be cut into rows from a line on.', 'Look for a quote that does not end; have it sent again.'),
  RAGGED_ROW: entry('poison', 'The row has another number of fields than the header.', 'Correct the row; send it again.'),
  ARCHIVE_TOO_LARGE: entry('poison', 'The archive unpacks to more than it may.', 'Treat it as hostile, or raise the limit of the source.'),
  // Sources
  SOURCE_AWAY: entry('dependency', 'A source does not answer.', 'Nothing is lost; it is read again when it is back.'),
  SOURCE_DENIED: entry(
    'auth',
    'A source refused our credentials or rights, or is not the one we know.',
    'Check the key, its rights and the key of the host.',
  ),
  SOURCE_ANSWER: entry(
    'poison',
    'A source answers what it should not.',
    'Compare its answer with the definition of the source; it is read from the same place again.',
  ),
  PAGING_LOOP: entry('poison', 'The pages of a source lead in a circle.', 'Have its paging mended; what came before the circle is kept.'),
  TABLE_WITHOUT_KEY: entry(
    'config',
    'A table is read without a declared key, so nobody could tell a changed row from a new one.',
    'Declare the columns that tell its rows apart, for example key: [trial_id, patient_id].',
  ),
  TABLE_UNFIT: entry(
    'config',
    'A table cannot be read as its source is declared.',
    'Mend the table or the declaration as the message says.',
  ),
  SLOT_LOST: entry(
    'config',
    'The replication slot of a source is gone, or was lost because it kept too much: changes are missing.',
    'Find out why (docs/runbooks/replication-slot-lost.md), then run the task with snapshot: again; only what differs is published.',
  ),
  SOURCE_FILE_GONE: entry('transient', 'A file is no longer there.', 'Nothing: the next run looks again.'),
  SOURCE_FILE_CHANGED: entry('transient', 'A file changed while it was read.', 'Nothing: it is taken once it is whole.'),
  // The engine
  PROCESSOR_FAULT: entry('poison', 'Our own code failed three times on this record.', 'Page engineering; requeue after the fix.'),
  FENCED: entry('fenced', 'Another instance owns this partition now.', 'Nothing: the newer owner goes on.'),
  OFFSET_OUT_OF_RANGE: entry(
    'fatal',
    'The position lies outside what the broker still has.',
    'See docs/runbooks/offset-out-of-range.md before resuming.',
  ),
  TOPIC_RECREATED: entry(
    'fatal',
    'The topic is not the one the stored position belongs to.',
    'See docs/runbooks/topic-recreated.md before resuming.',
  ),
  TOPIC_MISSING: entry('config', 'A topic of the catalogue does not exist.', 'vigil topics apply'),
  PARTITION_MISMATCH: entry(
    'config',
    'Co-partitioned topics differ in partition count.',
    'Create the topics with one count: vigil topics apply',
  ),
  SCHEMA_NOT_REGISTERED: entry('config', 'A schema of the catalogue is not in the registry.', 'vigil schemas register'),
  QUARANTINE_LIMIT: entry(
    'fatal',
    'Too many records went to quarantine in a row or in proportion.',
    'Look at the codes with vigil dlq stats, fix the cause, then vigil resume STAGE.',
  ),
  QUARANTINE_WRITE_FAILED: entry(
    'fatal',
    'A dead-letter record could not be written.',
    'Check the dead-letter topic and the principal’s rights.',
  ),
  CORRUPT_BATCH: entry(
    'fatal',
    'A fetched record batch fails its checksum.',
    'Check the broker’s disk and the network; nothing was committed.',
  ),
  UNSUPPORTED_CODEC: entry('fatal', 'A record batch uses a compression that is not built in.', 'Use gzip, snappy, lz4 or zstd.'),
  BAD_SEGMENT: entry(
    'fatal',
    'A segment of the archive is missing, changed, or sealed with another key.',
    'Restore the file or the key from the backup; nothing was written from it.',
  ),
  // Dependencies
  KAFKA_AWAY: entry('dependency', 'Kafka does not answer.', 'Nothing is lost; processing goes on when it is back.'),
  REGISTRY_AWAY: entry('dependency', 'The schema registry does not answer.', 'Known schemas go on; unknown ids wait.'),
  DATABASE_AWAY: entry('dependency', 'PostgreSQL does not answer.', 'Nothing is lost; the sink goes on when it is back.'),
  DATABASE_NOT_MIGRATED: entry('config', 'The database lacks a table or column that this version needs.', 'Migrate it: vigil up.'),
  DATABASE_CONFLICT: entry('transient', 'PostgreSQL asked to repeat the transaction.', 'Nothing: it is repeated.'),
  REDIS_AWAY: entry('dependency', 'Redis does not answer.', 'Nothing: reads come from PostgreSQL, slower.'),
  DISK_UNWRITABLE: entry('dependency', 'A file cannot be written.', 'Free space or mend the rights of the directory.'),
  TIMED_OUT: entry('transient', 'A call did not answer in time.', 'Nothing: it is repeated.'),
  WORKER_LOST: entry(
    'fatal',
    'The workers of a task died one after the other.',
    'See what the task needs, above all memory; then vigil workflows retry.',
  ),
  CHILD_RUN_FAILED: entry('dependency', 'The run that a task started did not succeed.', 'See that run: vigil workflows why RUN.'),
  APPROVAL_DECLINED: entry('fatal', 'A person declined.', 'See the reason in the run; vigil workflows retry asks again.'),
  BAD_FAN_OUT: entry('config', 'The parts of a task cannot be told.', 'Compare fan_out with what the task before it gives.'),
  BREAKER_OPEN: entry('dependency', 'Calls are held back after repeated failures.', 'Nothing: it is tried again shortly.'),
  ACCESS_DENIED: entry('auth', 'A dependency refused our credentials or rights.', 'Check the principal, its secret and its grants.'),
  // The way back from quarantine
  ALREADY_CLAIMED: entry(
    'usage',
    'A record of the selection belongs to another request by now.',
    'See vigil dlq requests; ask again for what is still open.',
  ),
  SECOND_PERSON_NEEDED: entry(
    'usage',
    'Whoever asked cannot approve.',
    'Another person approves: vigil dlq approve ID --as NAME, vigil claims review confirm ID --as NAME.',
  ),
  SELECTION_CHANGED: entry(
    'fatal',
    'Records of the request are not in quarantine as they were when it was made.',
    'Nothing more is sent. Decline the request and ask again for what is left.',
  ),
  REQUEST_EXPIRED: entry(
    'fatal',
    'The request was interrupted so long ago that the retry topic no longer tells what was sent.',
    'Compare with the ledger by hand; then decline the request.',
  ),
  EDIT_REFUSED: entry('usage', 'The edited value does not fit the topic’s schema.', 'Compare the file with docs/reference/schemas.md.'),
  // The manual review queue
  REVIEW_NOT_OPEN: entry('usage', 'The review cannot be decided as it stands.', 'See vigil claims review show ID.'),
  // Reference data
  BAD_REFERENCE_DATA: entry(
    'config',
    'Reference data are not valid; nothing was loaded.',
    'Every bad row is listed with file, line and column.',
  ),
  // Replay
  REPLAY_UNSUPPORTED: entry('usage', 'This cannot be replayed in that way.', 'See docs/guides/replay-a-sink-or-a-stage.md.'),
  REPLAY_RANGE_GONE: entry(
    'usage',
    'The source topic no longer holds the range.',
    'Begin later, or refill the topic from the archive first.',
  ),
  CUTOVER_REFUSED: entry(
    'usage',
    'The run cannot take the place of the live stage as both stand.',
    'Nothing was changed by this call; see docs/runbooks/replay-does-not-end.md.',
  ),
  // Remittances
  UNBALANCED_REMITTANCE: entry(
    'fatal',
    'A remittance does not balance; nothing of it was written.',
    'Compare the decisions it is made of: vigil claims explain. A decision must balance line by line.',
  ),
  REMITTANCE_CHANGED: entry(
    'usage',
    'The decisions of a closed cycle are not those it was closed with.',
    'Wait until a replay of the operational store has ended, then export again.',
  ),
  BAD_REMITTANCE: entry('usage', 'The text is no 835.', 'Give an interchange of 005010X221A1 that begins with its ISA segment.'),
  // Batch jobs
  JOB_SKIP_LIMIT: entry(
    'poison',
    'Too many items of the source are rejected.',
    'Look at them: vigil dlq show batch.item.rejected.v1. Mend the source or raise the limit, then retry the task: it goes on where it stopped.',
  ),
  QUALITY_BELOW_LIMIT: entry(
    'poison',
    'The quality of the file is below the limit of its source or task; nothing of it is published.',
    'See vigil files show. Have it sent again, or accept it as it is: vigil files requeue ID --reason TEXT; the next run then loads it.',
  ),
  JOB_STOPPED: entry('transient', 'The job was told to stop.', 'Nothing: the next attempt goes on behind the last checkpoint.'),
  // The orchestrator's API
  ORCHESTRATOR_AWAY: entry(
    'dependency',
    'The orchestrator’s API does not answer.',
    'Start the fleet: npx vigil up; or set VIGIL_ORCHESTRATOR_URL.',
  ),
  BAD_REQUEST: entry(
    'usage',
    'The request does not have the documented shape.',
    'Compare it with docs/reference/orchestrator-api.openapi.json.',
  ),
  API_KEY_REFUSED: entry('auth', 'The request carries no valid API key.', 'Send the header Authorization: Bearer <API key>.'),
  UNKNOWN_PATH: entry('usage', 'There is no such path.', 'Compare it with docs/reference/orchestrator-api.openapi.json.'),
  CONSOLE_NOT_BUILT: entry('config', 'The console is not built on this machine.', 'Run npm run build -w @vigil/console.'),
  METHOD_NOT_ALLOWED: entry('usage', 'The method is not allowed on this path.', 'Use a method of the header Allow.'),
  IDEMPOTENCY_KEY_REUSED: entry(
    'usage',
    'The Idempotency-Key was used for another request.',
    'Use a new key for a new request; repeat a request unchanged.',
  ),
  WORKFLOW_UNKNOWN: entry('usage', 'No workflow of this name and version is deployed.', 'See vigil workflows list.'),
  RUN_UNKNOWN: entry('usage', 'There is no such run, or no such task in it.', 'See vigil workflows runs.'),
  RUN_NOT_SO: entry('usage', 'The run cannot do this as it stands.', 'See vigil workflows why RUN.'),
  NO_APPROVER: entry('usage', 'Only the approvers that the task names may decide.', 'Ask one of them: vigil workflows why RUN.'),
  SCHEDULE_UNKNOWN: entry('usage', 'There is no such schedule.', 'See vigil workflows show WORKFLOW.'),
  POOL_UNKNOWN: entry('usage', 'There is no such pool.', 'See vigil workflows pools.'),
  BACKFILL_UNKNOWN: entry('usage', 'There is no such backfill.', 'See vigil workflows backfill list.'),
  BACKFILL_NOT_SO: entry('usage', 'The backfill cannot do this as it stands.', 'See vigil workflows backfill show ID.'),
  BAD_BACKFILL: entry('usage', 'The backfill cannot be made.', 'Choose a range in which the workflow’s schedule was due.'),
  // Starting and asking
  BAD_SETTINGS: entry(
    'config',
    'Settings are missing or contradict each other.',
    'Every problem is listed; see docs/reference/settings.md.',
  ),
  NO_EXECUTOR: entry('config', 'No worker knows how to run the task.', 'Check type, function, source and destination of the task.'),
  TASK_TIMED_OUT: entry(
    'transient',
    'The task took longer than its definition allows.',
    'Nothing: it is tried again as its definition says.',
  ),
  TASK_CANCELLED: entry('usage', 'The task was cancelled.', 'Nothing: somebody asked for it.'),
  PAYLOAD_MISSING: entry('fatal', 'A large input of a task is not kept.', 'Run the task before it again: vigil workflows retry.'),
  STAGE_IMBALANCE: entry(
    'poison',
    'The account of a stage of the stream does not balance for the run.',
    'See docs/runbooks/ledger-does-not-balance.md.',
  ),
  BAD_DEFINITION: entry('config', 'A definition file is not valid.', 'Every problem is listed with line and column.'),
  BAD_USAGE: entry('usage', 'The command was not called as documented.', 'See --help.'),
  PORT_TAKEN: entry('config', 'A port is in use by another program.', 'Free the port or choose another.'),
  MISSING_PROGRAM: entry('config', 'A program that the local stack needs is missing.', 'Install what the message names.'),
  PART_FAILED: entry('fatal', 'A part of the local stack did not start.', 'Read the log that the message names.'),
  STACK_DOWN: entry('dependency', 'The local stack is not running.', 'npx vigil stack up'),
} as const satisfies Record<string, CatalogueEntry>;

export type ErrorCode = keyof typeof errorCatalogue;
