import { useState, type FormEvent } from 'react';

/** Asks for the API key. */
export function KeyForm({ wasRefused, use }: { readonly wasRefused: boolean; readonly use: (key: string) => void }) {
  const [key, setKey] = useState('');
  const send = (event: FormEvent): void => {
    event.preventDefault();
    if (/^\S+$/.test(key.trim())) use(key.trim());
  };
  return (
    <main>
      <form className="card key" onSubmit={send}>
        <h1>Vigil console</h1>
        <p>The console shows workflows and their runs. It asks the orchestrator with the API key and changes nothing.</p>
        {wasRefused && (
          <p className="problem" role="alert">
            The orchestrator refused this key.
          </p>
        )}
        <p>
          <label htmlFor="key">API key</label>
          <input
            id="key"
            type="password"
            autoComplete="off"
            spellCheck={false}
            required
            aria-describedby="kept"
            value={key}
            onChange={({ target }) => setKey(target.value)}
          />
        </p>
        <p id="kept" className="soft">
          It is kept for this tab only and forgotten when the tab is closed.
        </p>
        <button type="submit">Open the console</button>
      </form>
    </main>
  );
}
