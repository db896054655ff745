import { ApiFailure } from '../api/create-api-client.ts';

/** Why something could not be read, if so. */
export function ProblemText({ error }: { readonly error: Error | null }) {
  if (error === null) return null;
  const code = error instanceof ApiFailure ? ` (${error.code})` : '';
  return (
    <p className="problem" role="alert">
      {error.message}
      {code}
    </p>
  );
}
