/** The API's own page: the published component over this server's document. */
import 'openapi-explorer';
import './styles/switch.css';
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
// The document names no keys, and the component would complain that none was given.
explorer.setAttribute('hide-authentication', 'true');

/** The same bar as over the guide; this page is in English, as the document is. */
function bar(): HTMLElement {
  const link = (href: string, text: string) => {
    const made = document.createElement('a');
    made.href = href;
    made.textContent = text;
    return made;
  };
  const home = link('/', 'Log Center');
  home.className = 'home';
  const here = link('/docs', 'API');
  here.ariaCurrent = 'page';
  const both = document.createElement('nav');
  both.className = 'switch';
  both.ariaLabel = 'Documentation';
  both.append(link('/docs/guide', 'Guide'), here);
  const whole = document.createElement('header');
  whole.className = 'bar';
  whole.append(home, both);
  return whole;
}

document.body.append(bar(), explorer);
