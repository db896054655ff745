import { loadDefinition } from '@vigil/definitions';
import type { Router } from '../domain/route.ts';
import { createRouter } from './create-router.ts';
import { checkProviderKeys, loadProviderKeys, type ProviderKeys } from './load-provider-keys.ts';
import { policySchema } from './policy-schema.ts';

export interface AlertRules {
  readonly router: Router;
  readonly mailFrom: string;
  readonly keys: ProviderKeys;
}

export interface AlertPolicyFiles {
  readonly policyFile: string;
  readonly providerKeysFile: string;
  readonly pagerDutyUrl: string;
  readonly slackUrl: string;
}

/**
 * Reads the policy and the secrets it names. Only these can keep the service from starting; whether a provider can be
 * reached shows later, and is told to engineering by the others.
 *
 * @throws VigilError BAD_DEFINITION with line and column of every problem; BAD_SETTINGS for the keys
 */
export function loadAlertPolicy({ policyFile, providerKeysFile, pagerDutyUrl, slackUrl }: AlertPolicyFiles): AlertRules {
  const policy = loadDefinition(policyFile, policySchema);
  const keys = loadProviderKeys(providerKeysFile);
  checkProviderKeys(policy, keys, [pagerDutyUrl, slackUrl]);
  return { router: createRouter(policy), mailFrom: policy.mailFrom, keys };
}
