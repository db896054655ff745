import { trimEnd, type CutValue, type ValueScanner } from './scan-values.ts';

/** Cuts lines that hold anything, with their numbers; a line above `maxBytes` is given piece by piece. */
export function scanLines(maxBytes: number): ValueScanner {
  let kept: Buffer[] = [];
  let keptBytes = 0;
  let offset = 0;
  let line = 1;
  let isFirst = true;
  let start = 0;
  let cut: CutValue[] = [];

  const give = (tail: Buffer, isLast: boolean): void => {
    const bytes = kept.length === 0 ? tail : Buffer.concat([...kept, tail]);
    kept = [];
    keptBytes = 0;
    const text = trimmed(bytes, isLast);
    if (text.length > 0 || !isFirst) cut.push({ bytes: text, offset: start, line, isFirst, isLast, isWhole: true });
    isFirst = isLast;
  };
  /** Without the blanks before its first piece and after its last. */
  const trimmed = (bytes: Buffer, isLast: boolean): Buffer => {
    let start = 0;
    while (isFirst && start < bytes.length && (bytes[start] as number) <= 0x20) start++;
    return isLast ? trimEnd(bytes.subarray(start)) : bytes.subarray(start);
  };
  return {
    push(chunk) {
      cut = [];
      let from = 0;
      for (;;) {
        const end = chunk.indexOf(0x0a, from);
        if (end < 0) break;
        give(chunk.subarray(from, end), true);
        line++;
        from = end + 1;
        start = offset + from;
      }
      const tail = chunk.subarray(from);
      if (tail.length > 0) kept.push(tail);
      keptBytes += tail.length;
      if (keptBytes > maxBytes) give(Buffer.alloc(0), false);
      offset += chunk.length;
      return cut;
    },
    end() {
      cut = [];
      give(Buffer.alloc(0), true);
      return cut;
    },
  };
}
