import { Client } from 'pg';

/** The research database has neither key nor time of change: so it came, and so its stand-in is made. */
const createTrials = `CREATE TABLE IF NOT EXISTS clinical_trials (trial_id VARCHAR(50), patient_id VARCHAR(50), enrollment_date DATE,
  treatment_arm VARCHAR(100), primary_endpoint_value DECIMAL(10,4), secondary_endpoints JSON, adverse_events JSON, completion_status VARCHAR(20))`;

/** The table of outcomes in the local stand-in of the research database; what is in it stays. */
export async function prepareResearch(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(createTrials);
  } finally {
    await client.end();
  }
}
