import { extractTable, type ExtractTableOptions } from '@vigil/batch';
import { openTableSource, type TableReading, type TableSource, type TableSourceDefinition } from '@vigil/sources';
import type { Parts } from './run-parts.ts';

/** What the parts of one extraction have in common. */
export interface Extraction {
  readonly definition: TableSourceDefinition;
  readonly reading: TableReading;
  readonly options: Omit<ExtractTableOptions, 'source' | 'share' | 'signal' | 'onCommitted'>;
  readonly ports: Parameters<typeof extractTable>[1];
  readonly onOpen: (source: TableSource) => void;
}

/** Extracts one part of a table, over a connection of its own. */
export const partExtractor = ({ definition, reading, options, ports, onOpen }: Extraction): Parts['run'] =>
  async function extractPart(share, signal, tell) {
    const source = openTableSource(definition, { ...reading, share });
    onOpen(source);
    try {
      const onCommitted: ExtractTableOptions['onCommitted'] = ({ counts }) => tell(counts);
      const { wasDone: _, ...counts } = await extractTable({ ...options, source, share, signal, onCommitted }, ports);
      return counts;
    } finally {
      await source.close();
    }
  };
