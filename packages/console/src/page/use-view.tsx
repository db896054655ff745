import { useSyncExternalStore, type AnchorHTMLAttributes, type MouseEvent } from 'react';
import { readView, searchOf, type View } from '../view/view.ts';

const moved = 'console-moved';

const subscribe = (listener: () => void): (() => void) => {
  window.addEventListener('popstate', listener);
  window.addEventListener(moved, listener);
  return () => {
    window.removeEventListener('popstate', listener);
    window.removeEventListener(moved, listener);
  };
};

/** The view that the address says. */
export const useView = (): View => readView(useSyncExternalStore(subscribe, () => window.location.search));

/** Shows another view; the address says so, and the browser's way back leads here. */
export function showView(view: View): void {
  window.history.pushState(null, '', searchOf(view));
  window.dispatchEvent(new Event(moved));
}

/** A link to a view. Opened in another tab it is an address like any other. */
export function ViewLink({ to, ...rest }: AnchorHTMLAttributes<HTMLAnchorElement> & { readonly to: View }) {
  const follow = (event: MouseEvent): void => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    showView(to);
  };
  return <a {...rest} href={searchOf(to)} onClick={follow} />;
}
