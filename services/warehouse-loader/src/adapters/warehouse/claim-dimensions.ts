import type { DeidClaimAdjudicated } from '@vigil/contracts';
import type { SinkSlice } from '@vigil/kafka';
import type { Transaction } from '@vigil/postgres';
import { CommittedKeys, type FindOrCreateKeys } from './key-cache.ts';
import { versionName, VersionedKeys } from './versioned-keys.ts';

/** What claims refer to, by natural key; what a record does not tell is the empty code. */
export interface ClaimKeys {
  readonly providers: ReadonlyMap<string, number>;
  readonly plans: ReadonlyMap<string, number>;
  readonly payers: ReadonlyMap<string, number>;
  readonly procedures: ReadonlyMap<string, number>;
  readonly diagnoses: ReadonlyMap<string, number>;
}

export interface ToldCodes {
  readonly claims: readonly SinkSlice<DeidClaimAdjudicated>[];
  /** Of visits: one statement makes all new diagnoses, so that two transactions wait for each other one way only. */
  readonly diagnoses: ReadonlySet<string>;
}

export interface ClaimDimensions {
  keysOf(transaction: Transaction, told: ToldCodes, loadId: number): Promise<ClaimKeys>;
  /** The transaction that found `keys` was committed. */
  commit(keys: ClaimKeys): void;
}

export const providerNameOf = ({ providerKey, providerType }: DeidClaimAdjudicated): string =>
  versionName(providerKey ?? '', providerType ?? '');
export const planNameOf = ({ planId, payerId }: DeidClaimAdjudicated): string => versionName(planId ?? '', payerId ?? '');

/** Keys of a dimension that has a row per code, for ever. Names are constants of the code. */
export function findOrCreateCodes(table: string, key: string): FindOrCreateKeys {
  const createSql = `INSERT INTO ${table} (code) SELECT unnest($1::text[]) ON CONFLICT (code) DO NOTHING`;
  const findSql = `SELECT ${key} AS key, code AS natural FROM ${table} WHERE code = ANY ($1::text[])`;
  return async (transaction, codes) => {
    await transaction.query(createSql, [codes]);
    return (await transaction.query<{ key: number; natural: string }>(findSql, [codes])).rows;
  };
}

/** The dimensions of claims: codes stay for ever; providers have a version per type, plans one per payer. */
export function createClaimDimensions(): ClaimDimensions {
  const providers = new VersionedKeys({ table: 'warehouse.dim_provider', key: 'provider_key', natural: 'provider', attribute: 'provider_type' }); // prettier-ignore
  const plans = new VersionedKeys({ table: 'warehouse.dim_plan', key: 'plan_key', natural: 'plan', attribute: 'payer' });
  const payers = new CommittedKeys(findOrCreateCodes('warehouse.dim_payer', 'payer_key'));
  const procedures = new CommittedKeys(findOrCreateCodes('warehouse.dim_procedure', 'procedure_key'));
  const diagnoses = new CommittedKeys(findOrCreateCodes('warehouse.dim_diagnosis', 'diagnosis_key'));

  return {
    async keysOf(transaction, told, loadId) {
      const claims = told.claims.flatMap(({ records }) => records.map(({ value }) => value));
      const lines = claims.flatMap((claim) => claim.lines ?? []);
      // Always in this order, so that two transactions wait for each other one way only.
      return {
        providers: await providers.keysOf(transaction, claims.map(providerNameOf), loadId),
        plans: await plans.keysOf(transaction, claims.map(planNameOf), loadId),
        payers: await payers.keysOf(transaction, new Set(claims.map(({ payerId }) => payerId ?? '')), loadId),
        procedures: await procedures.keysOf(transaction, new Set(lines.map(({ procedureCode }) => procedureCode ?? '')), loadId),
        diagnoses: await diagnoses.keysOf(
          transaction,
          new Set([...told.diagnoses, ...claims.flatMap(({ diagnosisCodes }) => diagnosisCodes ?? [])]),
          loadId,
        ),
      };
    },
    commit(keys) {
      providers.commit(keys.providers);
      plans.commit(keys.plans);
      payers.commit(keys.payers);
      procedures.commit(keys.procedures);
      diagnoses.commit(keys.diagnoses);
    },
  };
}
