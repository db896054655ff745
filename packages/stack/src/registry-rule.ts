import { VigilError } from '@vigil/core';

/** Sets the compatibility that every schema of the registry is held to; Apicurio's own default is none. */
export const requireFullCompatibility = async (registryUrl: string): Promise<void> => {
  const answer = await fetch(`${registryUrl}/config`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ compatibility: 'FULL_TRANSITIVE' }),
    signal: AbortSignal.timeout(10_000),
  });
  if (!answer.ok)
    throw new VigilError('REGISTRY_AWAY', { detail: `The compatibility rule was answered with ${answer.status}: ${await answer.text()}.` });
};
