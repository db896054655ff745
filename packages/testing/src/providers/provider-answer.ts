/** What a provider answers to one request. `body` is JSON for PagerDuty and text for Slack, as theirs are. */
export interface ProviderAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A request as a provider sees it: the exact bytes, and the path that names the recipient. */
export interface ProviderRequest {
  readonly path: string;
  readonly contentType: string;
  readonly body: Buffer;
}

/** The text of `body`, or undefined where it is no valid UTF-8. */
export function textOf(body: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    return undefined;
  }
}

/** The JSON object in `body`, or undefined where there is none. */
export function objectOf(body: Buffer): Record<string, unknown> | undefined {
  const text = textOf(body);
  if (text === undefined) return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    return isObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
