import { randomUUID } from 'node:crypto';
import { VigilError } from '@vigil/core';
import { toDatabaseError, type createPool } from '@vigil/postgres';

/** Inputs and results above 64 KiB: `orchestration.payload`. */
export interface PayloadStore {
  /** @throws VigilError PAYLOAD_MISSING, or the database's failure */
  load(payloadId: string): Promise<unknown>;
  /** Returns the id it is kept under. */
  save(runId: string, body: unknown): Promise<string>;
}

export const createPayloadStore = (database: Pick<ReturnType<typeof createPool>, 'query'>): PayloadStore => ({
  async load(payloadId) {
    const { rows } = await database
      .query<{ body: unknown }>('SELECT body FROM orchestration.payload WHERE payload_id = $1', [payloadId])
      .catch((error: unknown) => {
        throw toDatabaseError(error);
      });
    if (rows[0] === undefined) throw new VigilError('PAYLOAD_MISSING', { detail: payloadId });
    return rows[0].body;
  },
  async save(runId, body) {
    const payloadId = randomUUID();
    await database
      .query('INSERT INTO orchestration.payload (payload_id, run_id, body) VALUES ($1, $2, $3)', [payloadId, runId, JSON.stringify(body)])
      .catch((error: unknown) => {
        throw toDatabaseError(error);
      });
    return payloadId;
  },
});
