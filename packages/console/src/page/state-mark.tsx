import { signOf } from '../tasks/state-sign.ts';

/** A shape for a state; what it says stands beside it or in the name of what it stands in. */
export function StateShape({ state }: { readonly state: string }) {
  return (
    <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true" fill="none" stroke="currentColor" strokeWidth="2">
      <path d={signOf(state).shape} strokeLinejoin="round" strokeLinecap="round" />
    </svg>
  );
}

/** A state as shape and word. */
export function StateMark({ state, text }: { readonly state: string; readonly text?: string }) {
  const sign = signOf(state);
  return (
    <span className={`sign ${sign.tone}`}>
      <StateShape state={state} />
      {text ?? sign.text}
    </span>
  );
}
