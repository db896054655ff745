/** One message of a stream of server-sent events. */
export interface StreamMessage {
  /** Null where the message has none. */
  readonly id: string | null;
  readonly event: string;
  /** Null where the message carries only an id: it is remembered and tells nothing. */
  readonly data: string | null;
}

export interface EventParser {
  /** The messages that are complete with this piece of text. */
  readonly take: (text: string) => StreamMessage[];
  /** What the server asked to wait before another try; milliseconds. */
  readonly retryMs: () => number | null;
}

/** Splits a stream of server-sent events, however it is cut into pieces. @see https://html.spec.whatwg.org/multipage/server-sent-events.html */
export function createEventParser(): EventParser {
  let rest = '';
  let retryMs: number | null = null;

  function readBlock(block: string): StreamMessage[] {
    let [id, event]: [string | null, string] = [null, 'message'];
    const data: string[] = [];
    for (const line of block.split('\n')) {
      const [, name = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/.exec(line) ?? [];
      if (name === 'id') id = value;
      else if (name === 'event') event = value;
      else if (name === 'data') data.push(value);
      else if (name === 'retry' && /^\d+$/.test(value)) retryMs = Number(value);
    }
    if (id === null && data.length === 0) return [];
    return [{ id, event, data: data.length === 0 ? null : data.join('\n') }];
  }

  return {
    retryMs: () => retryMs,
    take: (text) => {
      // A lone \r at the end may be half of a line end.
      const whole = rest + text;
      const held = whole.endsWith('\r') ? '\r' : '';
      const blocks = whole
        .slice(0, whole.length - held.length)
        .replaceAll(/\r\n?/g, '\n')
        .split('\n\n');
      rest = (blocks.pop() ?? '') + held;
      return blocks.flatMap(readBlock);
    },
  };
}
