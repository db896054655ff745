import { setFlagsFromString } from 'node:v8';

/**
 * Lets V8 count buffers with its heap when it decides when to look for garbage. By itself it marks all that is alive each
 * time that 64 MB of buffers were allocated, whatever came of them: with what is fetched and written a service allocates
 * hundreds of megabytes a second, and with much state marking would be most of its work.
 */
export const countBuffers = (): void => setFlagsFromString('--external-memory-accounted-in-global-limit');
