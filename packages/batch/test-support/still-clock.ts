/** Stands still, but calls back: a poll waits for news as with a real broker. */
export const stillClock = (nowMs: number) => ({
  now: () => nowMs,
  after(delayMs: number, run: () => void) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
});
