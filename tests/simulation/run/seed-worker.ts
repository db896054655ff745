import { parentPort } from 'node:worker_threads';
import { playSeeds, type SeedSpan } from './play-seeds.ts';

// Run by `runSeeds`: plays the spans that it is sent, answers each with its violations.
parentPort?.on('message', (span: SeedSpan) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  void playSeeds(span).then((violations) => parentPort?.postMessage(violations));
});
