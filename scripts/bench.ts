/**
 * `npm run bench -- ingest|windowing|alerts|floors [--records N] [--rounds N] [--rate N] [--seconds N] [--report FILE]`
 *
 * Every round runs on a stack of its own. Exit code 2 for a call that is not as documented, 1 when a floor is not met.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { circumstances, reportOf, reportText, type Round } from '../load-tests/bench-report.ts';
import { benchAlerts } from '../load-tests/scenarios/alerts.ts';
import { floorsText, measureFloors } from '../load-tests/scenarios/floors.ts';
import { benchIngest } from '../load-tests/scenarios/ingest.ts';
import { benchWindowing } from '../load-tests/scenarios/windowing.ts';

const usage = 'Usage: npm run bench -- ingest|windowing|alerts|floors [--records N] [--rounds N] [--rate N] [--seconds N] [--report FILE]';

function parse() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        records: { type: 'string', default: '1000000' },
        rounds: { type: 'string', default: '3' },
        rate: { type: 'string', default: '10000' },
        seconds: { type: 'string', default: '60' },
        report: { type: 'string' },
      },
    });
    const [records, rounds, rate, seconds] = [values.records, values.rounds, values.rate, values.seconds].map(Number) as [
      number,
      number,
      number,
      number,
    ];
    if (![records, rounds, rate, seconds].every((value) => Number.isInteger(value) && value > 0))
      throw new Error('--records, --rounds, --rate and --seconds take whole numbers above 0.');
    return { name: positionals[0], records, rounds, rate, seconds, report: values.report };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
    process.exit(2);
  }
}

const { name, records, rounds, rate, seconds, report } = parse();

async function measure(round: () => Promise<Round>): Promise<void> {
  const measured: Round[] = [];
  for (let count = 0; count < rounds; count++) measured.push(await round());
  const document = reportOf(name ?? '', measured);
  console.log(reportText(document));
  if (report) writeFileSync(report, `${JSON.stringify(document, null, 2)}\n`);
}

switch (name) {
  case 'ingest':
    await measure(() => benchIngest(records));
    break;
  case 'windowing':
    await measure(() => benchWindowing(records));
    break;
  case 'alerts':
    await measure(() => benchAlerts({ messagesPerSecond: rate, seconds, deteriorating: 40 }));
    break;
  case 'floors': {
    const floors = await measureFloors(records);
    console.log(floorsText(floors));
    if (report) writeFileSync(report, `${JSON.stringify({ name, ...circumstances(), records, floors }, null, 2)}\n`);
    if (floors.some(({ met }) => !met)) process.exitCode = 1;
    break;
  }
  default:
    console.error(usage);
    process.exit(2);
}
