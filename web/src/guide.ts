/** The guide's own page, beside the dashboard. */
import { mount } from 'svelte';
import Guide from './guide/Guide.svelte';
import { chooseLanguage, startingLanguage } from './lib/words.svelte';
import './styles/tokens.css';
import './styles/base.css';
import './styles/switch.css';
import './styles/guide.css';

// The page is better in English than not at all.
await chooseLanguage(startingLanguage()).catch(() => undefined);
mount(Guide, { target: document.getElementById('app') as HTMLElement });
