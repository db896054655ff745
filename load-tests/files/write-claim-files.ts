import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface ClaimFilesShape {
  readonly files: number;
  readonly claimsPerFile: number;
  /** So that no two runs write the same content. */
  readonly seed: string;
}

const claimOf = (id: string, patient: number): object => ({
  claim_id: id,
  patient_id: `PAT_${patient}`,
  provider_id: `PROV_${patient % 50}`,
  service_date: '2024-03-15',
  services: [{ procedure_code: '99213', description: 'Office visit, established patient', amount: 150, units: 1 }],
  total_amount: 150,
  insurance_info: { policy_number: `POL_${patient}`, group_number: 'GRP_1', coverage_type: 'PRIMARY' },
});

/** Files of claims in the customer's own form, each put there whole. @returns how many claims there are in them */
export function writeClaimFiles(directory: string, { files, claimsPerFile, seed }: ClaimFilesShape): number {
  mkdirSync(directory, { recursive: true });
  for (let file = 0; file < files; file++) {
    const claims = Array.from({ length: claimsPerFile }, (_, index) =>
      claimOf(`CLM_${seed}_${file}_${index}`, (file * claimsPerFile + index) % 5000),
    );
    writeFileSync(join(directory, '.draft'), JSON.stringify(claims));
    renameSync(join(directory, '.draft'), join(directory, `claims_${seed}_${String(file).padStart(6, '0')}.json`));
  }
  return files * claimsPerFile;
}
