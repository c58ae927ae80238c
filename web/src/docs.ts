/** The API's own page: the published component over this server's document. */
import 'openapi-explorer';
import './styles/docs.css';

const LIGHT = {
  'bg-color': '#ffffff',
  'text-color': '#1b2023',
  'header-color': '#17635e',
  'primary-color': '#17635e',
  'secondary-color': '#17635e',
  'nav-bg-color': '#f0f0ec',
  'nav-text-color': '#1b2023',
  'nav-hover-bg-color': '#e6f1ef',
  'nav-hover-text-color': '#17635e',
};

const DARK = {
  'bg-color': '#14171a',
  'text-color': '#e6e9eb',
  'header-color': '#6fc7be',
  'primary-color': '#6fc7be',
  'secondary-color': '#6fc7be',
  'nav-bg-color': '#1a1e22',
  'nav-text-color': '#e6e9eb',
  'nav-hover-bg-color': '#1c302f',
  'nav-hover-text-color': '#6fc7be',
};

// The component computes with these colours, so that custom properties cannot be handed to it.
const chosen = document.documentElement.dataset.theme;
const dark = chosen ? chosen === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;

const explorer = document.createElement('openapi-explorer');
for (const [name, colour] of Object.entries(dark ? DARK : LIGHT)) {
  explorer.setAttribute(name, colour);
}
explorer.setAttribute('spec-url', '/openapi.json');
explorer.setAttribute('server-url', location.origin);
// There is one server: the one that this page came from.
explorer.setAttribute('hide-server-selection', 'true');

const home = document.createElement('a');
home.slot = 'nav-header';
home.className = 'home';
home.href = '/';
home.textContent = '← Log Center';
explorer.append(home);
document.body.append(explorer);
