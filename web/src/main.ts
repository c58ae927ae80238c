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
import './styles/frame.css';

/** A frame takes longer only where there is none. */
const FRAME_MS_MAX = 250;

// Vite's event for a part that is gone: the server was upgraded under the open page.
addEventListener('vite:preloadError', (event) => {
  event.preventDefault();
  connection.stale = true;
});

/** After the frame is on the screen; at once where nothing is painted, as in another tab. */
function painted(): Promise<void> {
  return new Promise((done) => {
    setTimeout(done, document.hidden ? 0 : FRAME_MS_MAX);
    // The callback is before the painting, a task after it behind it.
    requestAnimationFrame(() => setTimeout(done));
  });
}

listenToAddress();
startClock();
startLive();
flushMovesOnLeave();

// The page is better in English than not at all.
await Promise.all([chooseLanguage(startingLanguage()).catch(() => undefined), painted()]);
const app = document.getElementById('app') as HTMLElement;
// What stood there until now is the empty frame.
app.replaceChildren();
mount(App, { target: app });

// The page is on the screen; those opened next are fetched before anybody asks for them.
setTimeout(() => {
  void loadIssuesPage().catch(() => undefined);
  void loadIssuePage().catch(() => undefined);
  void loadFinding();
}, 400);
