import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useMemo, useState } from 'react';
import { createApiClient } from '../api/create-api-client.ts';
import { ConsoleContext } from './console-context.tsx';
import { KeyForm } from './key-form.tsx';
import { RunPage } from './run-page.tsx';
import { RunsPage } from './runs-page.tsx';
import { TopBar } from './top-bar.tsx';
import { useFeed } from './use-feed.tsx';
import { useView } from './use-view.tsx';
import { WorkflowList } from './workflow-list.tsx';

const keyName = 'vigil.api-key';

/** Asks for the key and then shows the console. The key is kept for this tab, until it is closed. */
export function App() {
  const cache = useQueryClient();
  const [apiKey, setApiKey] = useState(() => sessionStorage.getItem(keyName));
  const [wasRefused, setWasRefused] = useState(false);
  const forget = useCallback(() => {
    sessionStorage.removeItem(keyName);
    setApiKey(null);
    cache.clear();
  }, [cache]);
  const refused = useCallback(() => {
    setWasRefused(true);
    forget();
  }, [forget]);
  const use = (key: string): void => {
    sessionStorage.setItem(keyName, key);
    setWasRefused(false);
    setApiKey(key);
  };
  if (apiKey === null) return <KeyForm wasRefused={wasRefused} use={use} />;
  return <Console apiKey={apiKey} refused={refused} forget={forget} />;
}

function Console({ apiKey, refused, forget }: { readonly apiKey: string; readonly refused: () => void; readonly forget: () => void }) {
  const view = useView();
  const feed = useFeed(apiKey, refused);
  const api = useMemo(() => createApiClient({ apiKey, fetch: (...asked) => fetch(...asked), refused }), [apiKey, refused]);
  const context = useMemo(() => ({ api, feed }), [api, feed]);
  return (
    <ConsoleContext value={context}>
      <a className="skip" href="#main">
        To the content
      </a>
      <TopBar forget={forget} />
      <div className="frame">
        <nav aria-label="Workflows">
          <WorkflowList view={view} />
        </nav>
        <main id="main" tabIndex={-1}>
          {view.runId === null ? <RunsPage view={view} /> : <RunPage key={view.runId} view={view} runId={view.runId} />}
        </main>
      </div>
    </ConsoleContext>
  );
}
