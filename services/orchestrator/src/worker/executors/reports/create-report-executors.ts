import { createPool } from '@vigil/postgres';
import type { ExecutorDeps } from '../../executor-deps.ts';
import type { Executor, FindExecutor, TaskExecution } from '../../executor.ts';
import { createQualityJudge } from './judge-quality.ts';
import { cohortParameters, makeCohorts } from './make-cohorts.ts';
import { publishParameters, publishReports } from './publish-reports.ts';
import { createScorePublisher } from './publish-scores.ts';
import { readParameters } from './read-parameters.ts';
import { dayMs, periodParameters, reportAccess } from './report-access.ts';
import { reportDataQuality } from './report-data-quality.ts';
import { anonymityParameters, reportAnonymity } from './report-k-anonymity.ts';
import { reportReplicationSlots } from './report-replication-slots.ts';
import { reportRetention } from './report-retention.ts';
import { reportStreamHours } from './report-stream-hours.ts';
import { createReportStore } from './report-store.ts';
import { resultOf, type Report } from './report.ts';
import { scoreStreamHours } from './score-streams.ts';

/** Destinations that are written as files; the others are stages of the stream. */
const destinations: ReadonlySet<string> = new Set(['research_extract', 'regulatory_reports', 'monitoring_reports']);

interface ReportKind {
  readonly make: (execution: TaskExecution) => Promise<Report>;
  /** What it reads, for lineage. */
  readonly tables: readonly string[];
}

/** Functions of pool `default` by name. `warehouse` is opened as the role `analyst`: a report sees no more than an analyst does. */
function reportKinds(deps: ExecutorDeps): Readonly<Record<string, ReportKind>> {
  const { clock, database, settings, onClose } = deps;
  const warehouse = createPool({ url: settings.warehouseUrl, applicationName: 'orchestrator-worker reports', role: 'analyst', maxConnections: 2, statementTimeoutMs: 600_000 }); // prettier-ignore
  onClose('reports warehouse', () => warehouse.end());
  const publish = createScorePublisher(deps);
  const publicTables = ['dim_patient', 'visit', 'trial_outcome', 'dim_diagnosis'].map((table) => `vigil_warehouse.warehouse.${table}`);
  return {
    sql_cohorts: { tables: publicTables, make: (execution) => makeCohorts(warehouse, readParameters(cohortParameters, execution)) },
    report_k_anonymity: {
      tables: publicTables.slice(0, 1),
      make: (execution) => reportAnonymity(warehouse, readParameters(anonymityParameters, execution)),
    },
    report_data_quality: {
      tables: ['vigil.orchestration.quality_score'],
      make: async (execution) => {
        const { period_days: days } = readParameters(periodParameters, execution);
        const sinceMs = clock.now() - days * dayMs;
        await scoreStreamHours({ ...deps, publish }, { sinceMs, signal: execution.signal });
        return reportDataQuality(database, { sinceMs, days });
      },
    },
    score_streams: {
      tables: ['vigil.orchestration.quality_score'],
      make: (execution) => reportStreamHours({ ...deps, publish }, execution),
    },
    report_replication_slots: { tables: ['vigil.orchestration.replication_slot'], make: () => reportReplicationSlots(deps) },
    report_access: { tables: [], make: (execution) => reportAccess(deps, readParameters(periodParameters, execution), execution.signal) },
    report_retention: { tables: ['vigil.orchestration.run', 'vigil.orchestration.file'], make: () => reportRetention(deps) },
  };
}

/** Executors of reports and extracts: functions that make a table, the judgement of quality, and what publishes. */
export function createReportExecutors(deps: ExecutorDeps): FindExecutor {
  const kinds = reportKinds(deps);
  const store = createReportStore(deps.database);
  const judge = createQualityJudge(deps.database);
  const directory = deps.settings.reportsDir ?? null;
  const makerOf = ({ make, tables }: ReportKind): Executor => ({
    async run(execution) {
      execution.signal.throwIfAborted();
      const report = await make(execution);
      await store.keep(execution.request, report);
      for (const note of report.notes) execution.log(note);
      return resultOf(report, tables);
    },
  });
  const publisher: Executor = {
    run: (execution) => publishReports({ store, directory }, execution, readParameters(publishParameters, execution)),
  };
  const makers = new Map(Object.entries(kinds).map(([name, kind]) => [name, makerOf(kind)]));
  return ({ spec }) => {
    if (spec.type === 'validation') return spec.rules === undefined && spec.quality !== undefined ? judge : undefined;
    if (spec.type === 'output') return destinations.has(spec.destination) ? publisher : undefined;
    if (spec.type !== 'transformation' && spec.type !== 'business_logic') return undefined;
    return spec.function === undefined ? undefined : makers.get(spec.function);
  };
}
