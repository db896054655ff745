import { readFileSync, statSync } from 'node:fs';
import { VigilError } from '@vigil/core';
import { z } from 'zod';
import type { AlertPolicy } from './policy-schema.ts';

const keysSchema = z.strictObject({
  /** The stand-in's keys: public, and refused where the provider is not on this machine. */
  standIn: z.boolean().default(false),
  pagerduty: z.record(z.string(), z.string().regex(/^[0-9A-Za-z]{32}$/, 'a routing key has 32 letters and digits')),
  slack: z.record(z.string(), z.string().regex(/^T[0-9A-Z]+\/B[0-9A-Z]+\/[0-9A-Za-z]{8,}$/, 'expected T…/B…/… of the webhook’s URL')),
  webhookSecrets: z.array(z.string().min(16, 'a webhook secret has at least 16 characters')).default([]),
});

/** Secrets of the providers by the names that the policy uses. */
export type ProviderKeys = Readonly<z.infer<typeof keysSchema>>;

const othersMayRead = 0o077;

const refuse = (detail: string): never => {
  throw new VigilError('BAD_SETTINGS', { detail });
};

function read(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    // The cause is left out: a JSON error quotes the text, which is the secret.
    return refuse(`The provider keys file ${file} cannot be read or is not JSON.`);
  }
}

/** @throws VigilError BAD_SETTINGS that names what is wrong, and no part of a secret */
export function loadProviderKeys(file: string): ProviderKeys {
  const parsed = keysSchema.safeParse(read(file));
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the file'}: ${message}`);
    return refuse(`The provider keys file ${file} is not valid: ${problems.join('; ')}.`);
  }
  if (!parsed.data.standIn && (statSync(file).mode & othersMayRead) !== 0) refuse(`${file} can be read by others: chmod 600 ${file}.`);
  return parsed.data;
}

/** A host on this machine or in its private network of containers. */
const isLocal = (url: string): boolean => {
  const { hostname } = new URL(url);
  return hostname === '[::1]' || hostname.startsWith('127.') || !/[.:]/.test(hostname);
};

/**
 * Checks that every key the policy names exists, and that the stand-in's keys go to the stand-in.
 *
 * @throws VigilError BAD_SETTINGS that lists every problem
 */
export function checkProviderKeys(policy: AlertPolicy, keys: ProviderKeys, urls: readonly string[]): void {
  const problems: string[] = [];
  for (const [team, { pagerduty, slack }] of Object.entries(policy.teams)) {
    if (pagerduty && !keys.pagerduty[pagerduty])
      problems.push(`team ${team} names the pagerduty key ${pagerduty}, which the keys file lacks`);
    if (slack && !keys.slack[slack]) problems.push(`team ${team} names the slack key ${slack}, which the keys file lacks`);
  }
  if (keys.standIn && !urls.every(isLocal)) problems.push('the keys are those of the stand-in, and a provider is not on this machine');
  if (problems.length > 0) refuse(`Provider keys: ${problems.join('; ')}.`);
}
