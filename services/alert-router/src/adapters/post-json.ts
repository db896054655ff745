import { classifyHttp, readRetryAfter, unanswered, type Verdict } from '../domain/classify-answer.ts';

export interface JsonPost {
  readonly url: string;
  readonly body: object;
  readonly timeoutMs: number;
  /** Whether a 2xx means that it was taken; a proxy that asks to sign in says 200, too. */
  readonly isTaken: (answer: string, status: number) => boolean;
}

/** Posts JSON and says what the answer means; no answer is a verdict, too. */
export async function postJson({ url, body, timeoutMs, isTaken }: JsonPost): Promise<Verdict> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    const answer = await response.text();
    return classifyHttp(response.status, isTaken(answer, response.status), readRetryAfter(response.headers.get('retry-after'), Date.now()));
  } catch {
    // Refused, reset, timed out, no such host: all mean the same, and the text of the error is no reader's business.
    return unanswered;
  }
}
