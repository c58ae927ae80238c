/** Where the user is: the address bar, as state. */
import { leavesDashboard, movedAddress, placeOf, type Place } from './address';

const state = $state({ path: location.pathname, search: location.search });

/** Where each entry of the browser's history was scrolled to. */
const scrolled = new Map<number, number>();
let entry = 0;
let restoredScroll: number | null = null;

export const route = {
  get place(): Place {
    return placeOf(state.path);
  },
  get path(): string {
    return state.path;
  },
  get query(): URLSearchParams {
    return new URLSearchParams(state.search);
  },
  get address(): string {
    return state.path + state.search;
  },
};

/** Whether Back stays inside the dashboard. */
export function canGoBack(): boolean {
  return entry > 0;
}

function apply(): void {
  state.path = location.pathname;
  state.search = location.search;
}

/** Opens another page; `replace` keeps the history as long as it is (typing in a filter). */
export function navigate(address: string, how: 'push' | 'replace' = 'push'): void {
  if (address === location.pathname + location.search) return;
  scrolled.set(entry, scrollY);
  restoredScroll = null;
  const samePage = new URL(address, location.href).pathname === location.pathname;
  if (how === 'push') entry = Math.max(entry, ...scrolled.keys()) + 1;
  history[how === 'push' ? 'pushState' : 'replaceState']({ entry }, '', address);
  apply();
  if (!samePage) scrollTo(0, 0);
}

/** After Back: the scroll position to return to once the old rows are there. Given once. */
export function takeRestoredScroll(): number | null {
  const value = restoredScroll;
  restoredScroll = null;
  return value;
}

function followed(click: MouseEvent): void {
  if (click.defaultPrevented || click.button !== 0) return;
  if (click.metaKey || click.ctrlKey || click.shiftKey || click.altKey) return;
  const link = (click.target as Element | null)?.closest?.('a');
  if (!link || link.target || link.hasAttribute('download')) return;
  const url = new URL(link.href, location.href);
  if (url.origin !== location.origin || leavesDashboard(url.pathname)) return;
  if (url.hash && url.pathname === location.pathname && url.search === location.search) return;
  click.preventDefault();
  navigate(url.pathname + url.search);
}

export function listenToAddress(): void {
  history.scrollRestoration = 'manual';
  entry = typeof history.state?.entry === 'number' ? history.state.entry : 0;
  history.replaceState({ entry }, '', movedAddress(location.pathname, location.search));
  apply();
  addEventListener('popstate', (event) => {
    scrolled.set(entry, scrollY);
    entry = typeof event.state?.entry === 'number' ? event.state.entry : 0;
    restoredScroll = scrolled.get(entry) ?? 0;
    apply();
  });
  document.addEventListener('click', followed);
}
