import { useEffect, useState } from 'react';
import { everything } from '../view/view.ts';
import { useConsole } from './console-context.tsx';
import { StateMark } from './state-mark.tsx';
import { ViewLink } from './use-view.tsx';

const connections = {
  connecting: { state: 'waiting', text: 'Connecting' },
  live: { state: 'running', text: 'Live' },
  lost: { state: 'backing-off', text: 'Connection lost: trying again, figures are read every 5 s' },
  refused: { state: 'failed', text: 'Key refused' },
} as const;

type Theme = 'auto' | 'light' | 'dark';
const themeName = 'vigil.theme';

const readTheme = (): Theme => {
  const kept = localStorage.getItem(themeName);
  return kept === 'light' || kept === 'dark' ? kept : 'auto';
};

function ThemeChoice() {
  const [theme, setTheme] = useState(readTheme);
  useEffect(() => {
    document.documentElement.dataset['theme'] = theme;
    localStorage.setItem(themeName, theme);
  }, [theme]);
  return (
    <span>
      <label className="unseen" htmlFor="theme">
        Theme
      </label>
      <select id="theme" value={theme} onChange={({ target }) => setTheme(target.value as Theme)}>
        <option value="auto">Theme: as the system</option>
        <option value="light">Theme: light</option>
        <option value="dark">Theme: dark</option>
      </select>
    </span>
  );
}

/** Name, whether changes come in, and what concerns the whole page. */
export function TopBar({ forget }: { readonly forget: () => void }) {
  const { feed } = useConsole();
  const { state, text } = connections[feed.connection];
  return (
    <header className="top">
      <h1>
        <ViewLink to={everything}>Vigil console</ViewLink>
      </h1>
      <span role="status">
        <StateMark state={state} text={text} />
      </span>
      <span className="soft">read-only</span>
      <span className="end">
        <ThemeChoice />
        <button type="button" onClick={forget}>
          Forget the key
        </button>
      </span>
    </header>
  );
}
