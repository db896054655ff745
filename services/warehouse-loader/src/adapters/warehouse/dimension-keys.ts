import type { FindOrCreateKeys } from './key-cache.ts';

const createPatientsSql = `
  INSERT INTO warehouse.dim_patient (pseudonym, valid_from_load) SELECT natural_key, $2 FROM unnest($1::text[]) AS natural_key
  ON CONFLICT (pseudonym) WHERE is_current DO NOTHING`;
const findPatientsSql = `
  SELECT patient_key AS key, pseudonym AS natural FROM warehouse.dim_patient WHERE is_current AND pseudonym = ANY ($1::text[])`;

/** Patients by pseudonym; one that no record told of yet gets a row without attributes. */
export const findOrCreatePatients: FindOrCreateKeys = async (transaction, pseudonyms, loadId) => {
  await transaction.query(createPatientsSql, [pseudonyms, loadId]);
  return (await transaction.query<{ key: number; natural: string }>(findPatientsSql, [pseudonyms])).rows;
};

const separator = '\u0001';

export type NameDevice = (deviceClass: string | null | undefined, model: string | null | undefined) => string;

/** Far more kinds than there are; when it is full it starts anew. */
const maxKinds = 10_000;

/** Names a kind of device by one natural key. The same text object for the same kind: a new one would be hashed for every record. */
export function createDeviceNames(limit = maxKinds): NameDevice {
  const models = new Map<string, Map<string, string>>();
  let kinds = 0;
  const nameAnew = (deviceClass: string, model: string): string => {
    if (++kinds > limit) {
      models.clear();
      kinds = 1;
    }
    const natural = deviceClass + separator + model;
    models.set(deviceClass, (models.get(deviceClass) ?? new Map<string, string>()).set(model, natural));
    return natural;
  };
  return (deviceClass, model) => models.get(deviceClass ?? '')?.get(model ?? '') ?? nameAnew(deviceClass ?? '', model ?? '');
}

const createDevicesSql = `
  INSERT INTO warehouse.dim_device (class, model) SELECT * FROM unnest($1::text[], $2::text[]) ON CONFLICT (class, model) DO NOTHING`;
const findDevicesSql = `
  SELECT device_key AS key, class || '${separator}' || model AS natural FROM warehouse.dim_device
  WHERE (class, model) IN (SELECT * FROM unnest($1::text[], $2::text[]))`;

/** Kinds of devices. */
export const findOrCreateDevices: FindOrCreateKeys = async (transaction, naturalKeys) => {
  const pairs = naturalKeys.map((natural) => natural.split(separator));
  const columns = [pairs.map(([deviceClass]) => deviceClass), pairs.map(([, model]) => model)];
  await transaction.query(createDevicesSql, columns);
  return (await transaction.query<{ key: number; natural: string }>(findDevicesSql, columns)).rows;
};
