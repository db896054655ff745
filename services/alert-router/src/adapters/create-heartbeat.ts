/** Posts to the receiver of the heartbeat. Resolves to the status of the answer, 0 where there was none. */
export const createHeartbeat = (url: string, timeoutMs: number) => async (): Promise<number> => {
  try {
    const response = await fetch(url, { method: 'POST', signal: AbortSignal.timeout(timeoutMs) });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return 0;
  }
};
