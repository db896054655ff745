import type { CallVigil } from './call-vigil.ts';
import { countsOf, type DemoCounts, type LedgerDocument } from './demo-counts.ts';
import { acceptedPages } from './evidence.ts';

export interface LiveFigures {
  readonly second: number;
  readonly sent: number;
  readonly rate: number;
  readonly lagRecords: number | null;
  readonly windows: number | null;
  readonly pages: number | null;
  /** Decisions about claims. */
  readonly claims: number | null;
}

const orDash = (value: number | null): string => (value === null ? '–' : String(value));

export const liveLine = ({ second, sent, rate, lagRecords, windows, pages, claims }: LiveFigures): string =>
  `  ${String(second).padStart(3)} s   ${rate} messages/s   ${sent} sent   lag ${orDash(lagRecords)} records   ${orDash(windows)} windows   ${orDash(pages)} pages   ${orDash(claims)} claims decided`;

export interface LiveWatch {
  line(second: number, sent: number): string;
  stop(): Promise<void>;
}

interface LagDocument {
  readonly groups: readonly { readonly lagRecords: number }[];
}

/** Asks the fleet about every two seconds, beside the ward: the ward's pace never waits for an answer. */
export function watchFleet(call: CallVigil, pagerUrl: string, before: DemoCounts, sinceMs: number): LiveWatch {
  let seen: Pick<LiveFigures, 'lagRecords' | 'windows' | 'pages' | 'claims'> = {
    lagRecords: null,
    windows: null,
    pages: null,
    claims: null,
  };
  let lastSent = 0;
  const stopping = new AbortController();
  const ask = async (): Promise<void> => {
    const { groups } = await call<LagDocument>(['lag']);
    const { windowsClosed, claimsDecided } = countsOf(await call<LedgerDocument>(['ledger']));
    const pages = await acceptedPages(pagerUrl, sinceMs);
    seen = {
      lagRecords: groups.reduce((sum, { lagRecords }) => sum + lagRecords, 0),
      windows: windowsClosed - before.windowsClosed,
      pages: pages.length,
      claims: claimsDecided - before.claimsDecided,
    };
  };
  const loop = (async () => {
    while (!stopping.signal.aborted) {
      // What could not be asked shows as a dash; the closing balance is what counts.
      await ask().catch(() => {
        seen = { lagRecords: null, windows: null, pages: null, claims: null };
      });
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  })();
  return {
    line: (second, sent) => {
      const rate = sent - lastSent;
      lastSent = sent;
      return liveLine({ second, sent, rate, ...seen });
    },
    stop: async () => {
      stopping.abort();
      await loop;
    },
  };
}
