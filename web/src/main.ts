import { mount } from 'svelte';
import App from './App.svelte';
import { startClock } from './lib/clock.svelte';
import { connection } from './lib/connection.svelte';
import { loadFinding, loadIssuePage, loadIssuesPage } from './lib/later';
import { startLive } from './lib/live.svelte';
import { flushMovesOnLeave } from './lib/moves.svelte';
import { listenToAddress } from './lib/route.svelte';
import { chooseLanguage, startingLanguage } from './lib/words.svelte';
import './styles/tokens.css';
import './styles/base.css';

// Vite's event for a part that is gone: the server was upgraded under the open page.
addEventListener('vite:preloadError', (event) => {
  event.preventDefault();
  connection.stale = true;
});

listenToAddress();
startClock();
startLive();
flushMovesOnLeave();

// The page is better in English than not at all.
await chooseLanguage(startingLanguage()).catch(() => undefined);
mount(App, { target: document.getElementById('app') as HTMLElement });

// The page is on the screen; those opened next are fetched before anybody asks for them.
setTimeout(() => {
  void loadIssuesPage().catch(() => undefined);
  void loadIssuePage().catch(() => undefined);
  void loadFinding();
}, 400);
